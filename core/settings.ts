/** The configuration while the studio runs: what the environment said, and over it what operators stored. */
import type { By } from "./audit.ts";
import { type Config, Secret, type Variable, type VariableName, VARIABLES } from "./config.ts";
import { describeIssue } from "./issue.ts";
import { PROVIDERS } from "./providers.ts";
import { no, ok, type Result } from "./result.ts";

/** Variables that are read anew each time they count: these may be stored, and hold from then on. */
export const CHANGEABLE = [
  "REGISTRATION",
  "UPLOAD_MAX_MB",
  "DISK_MIN_GB",
  "ORPHAN_HOURS",
  "TRASH_DAYS",
  "PIECES_DAYS",
  "LATENTS_DAYS",
  "FAILED_DAYS",
  "DRAFTS_DAYS",
  "UPLOADS_DAYS",
  "FILMS_DAYS",
  "LEDGER_DAYS",
  "COMFY_AUTH_HEADER",
  "COMFY_DOWN_SECONDS",
  "PROMPT_SECONDS_MIN",
  "PROMPT_SECONDS_MAX",
  "ATTEMPTS_MAX",
  "RETRY_BASE_MS",
  "JOBS_QUEUED_MAX",
  "JOBS_RUNNING_MAX",
  "GPU_MINUTES_PER_DAY",
  "DISK_GB_PER_PERSON",
  "GPU_COST_PER_HOUR",
  "COST_CURRENCY",
  "REFERENCE_IMAGES_MAX",
  "FILM_SECONDS_MAX",
  "ANTHROPIC_API_KEY",
  "COMETAPI_API_KEY",
  "YOUTUBE_CLIENT_ID",
  "YOUTUBE_CLIENT_SECRET",
] as const satisfies readonly VariableName[];
export type Changeable = (typeof CHANGEABLE)[number];

export function isChangeable(name: string): name is Changeable {
  return (CHANGEABLE as readonly string[]).includes(name);
}

/** Stored here, set by the environment, made at the first start and kept with the data, or none of these. */
export const SOURCES = ["stored", "environment", "made", "default"] as const;
export type Source = (typeof SOURCES)[number];

export interface Setting {
  name: VariableName;
  group: string;
  about: string;
  /** As it would stand in the environment; null for a secret. */
  value: string | null;
  /** Of a secret only: whether there is one, and the last characters that may be shown. */
  secret: { configured: boolean; hint: string } | null;
  source: Source;
  changeable: boolean;
  /** When it was stored, to be given back with a change; 0 where it is not. */
  rev: number;
}

export type Stored =
  | { end: "stored" | "changed" | "fixed" | "missing" }
  /** Why the value is none. */
  | { end: "wrong"; message: string };

export const SERVICES = ["comfy", "storage", "media", "outbound", ...PROVIDERS] as const;
export type Service = (typeof SERVICES)[number];

export interface ServiceTest {
  works: boolean;
  /** What it said, for operators. */
  notes: string[];
}

export interface Settings {
  list(): Promise<Setting[]>;
  /** Null takes the stored value away. */
  store(name: string, value: string | null, of: { rev: number; by: By }): Promise<Stored>;
  /** Asks an outside service whether it works; `url` is where a message of a webhook is tried. */
  test(service: Service, options: { url?: string; signal: AbortSignal }): Promise<ServiceTest>;
}

/** The value of a variable, or why it is none. Secrets are never part of that. */
export function readValue(name: VariableName, text: string): Result<Config[VariableName]> {
  const variable: Variable = VARIABLES[name];
  const parsed = variable.schema.safeParse(text);
  if (parsed.success) return ok(parsed.data as Config[VariableName]);
  const [issue] = parsed.error.issues;
  const message = issue ? describeIssue(issue) : "";
  return no([{ code: "request.invalid", retry: "never", message }]);
}

/** A configuration of which some values change: whoever reads a property has it as it is now. */
export function openConfig(given: Config): {
  config: Config;
  /** Undefined goes back to what was given. */
  set(name: Changeable, value: Config[Changeable] | undefined): void;
} {
  const over = new Map<VariableName, Config[VariableName]>();
  const config = Object.defineProperties(
    {},
    Object.fromEntries(
      (Object.keys(VARIABLES) as VariableName[]).map((name) => [name, {
        enumerable: true,
        get: () => over.has(name) ? over.get(name) : given[name],
      }]),
    ),
  ) as Config;
  return {
    config,
    set(name, value) {
      if (value === undefined) over.delete(name);
      else over.set(name, value);
    },
  };
}

/** A value as text, and nothing of a secret. */
export function textOf(value: Config[VariableName]): string | null {
  if (value === null || value instanceof Secret) return null;
  const text = Array.isArray(value) ? value.join(",") : String(value);
  return text.replace(/(\w:\/\/)[^\s/@]*@/g, "$1[secret]@");
}
