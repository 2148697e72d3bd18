/** The configuration of the studio: environment in, frozen values out. Every variable is listed here and in .env.example. */
import { z } from "zod";
import { describeIssue } from "./issue.ts";
import { no, ok, type Result } from "./result.ts";
import { KEEPING } from "./config_keeping.ts";
import { LIMITS } from "./config_limits.ts";
import { DELIVERY, STORAGE_STORE } from "./config_stores.ts";
import { decimal, list, secret, text, url, valueOf, type Variable, whole } from "./config_kinds.ts";
import { problem } from "./problem.ts";
import { AuthHeader } from "./servers.ts";

export { canBeHidden, Secret, strikeOut, type Variable } from "./config_kinds.ts";

/** Judged as the header of a single server is: one that cannot be sent would silence all servers. */
const header = text.superRefine((value, context) => {
  const issue = value === "" ? undefined : AuthHeader.safeParse(value).error?.issues[0];
  if (issue) context.addIssue({ code: "custom", message: issue.message });
}).pipe(secret);

/** Every variable, in the order of .env.example. */
export const VARIABLES = {
  HOST: {
    group: "Server",
    about:
      "Address to listen on. Anything but 127.0.0.1 exposes the studio and demands SECRET_KEY and SESSION_SECRET.",
    fallback: "127.0.0.1",
    schema: text.min(1),
  },
  PORT: {
    group: "Server",
    about: "Port to listen on; the next free one is taken if it is in use.",
    fallback: "8000",
    schema: whole(0, 65535),
  },
  PUBLIC_URL: {
    group: "Server",
    about:
      "Base URL under which people reach the studio, and the one name that it then answers to; empty means by its address in figures or the machine's own name.",
    fallback: "",
    aliases: ["BACKEND_BASE_URL"],
    schema: url,
  },
  PROXIES: {
    group: "Server",
    about:
      "Reverse proxies in front of the studio: the caller's address then stands as many places from the end of X-Forwarded-For.",
    fallback: "0",
    schema: whole(0, 8),
  },
  FRONTEND_ORIGIN: {
    group: "Server",
    about:
      "A separate web origin that may call the API with credentials, for instance https://studio.example.",
    fallback: "",
    aliases: ["FRONTEND_BASE_URL"],
    schema: url,
  },
  REGISTRATION: {
    group: "Server",
    about: "open or closed: whether new people may register after the first account.",
    fallback: "open",
    schema: z.enum(["open", "closed"]),
  },
  OUTBOUND_ALLOW: {
    group: "Server",
    about:
      "Hosts that webhooks may reach although they are private or speak plain http: names or addresses with commas, each perhaps with :port.",
    fallback: "",
    schema: list,
  },
  METRICS_TOKEN: {
    group: "Server",
    about:
      "Whoever sends it as `Authorization: Bearer …` may read /metrics, for Prometheus. Empty leaves that to operators who are signed in.",
    fallback: "",
    schema: text.refine((value) => value === "" || value.length >= 16, "must have at least 16 characters")
      .pipe(secret),
  },
  LOG_LEVEL: {
    group: "Server",
    about: "debug, info, warn or error.",
    fallback: "info",
    schema: z.enum(["debug", "info", "warn", "error"]),
  },
  CONCURRENCY: {
    group: "Server",
    about: "Local media jobs at a time; 0 means one less than the number of processors.",
    fallback: "0",
    schema: whole(0, 64),
  },
  SECRET_KEY: {
    group: "Secrets",
    about: "Encrypts stored secrets; made on first start in local mode.",
    fallback: "",
    schema: secret,
  },
  SESSION_SECRET: {
    group: "Secrets",
    about: "Signs session cookies; made on first start in local mode.",
    fallback: "",
    schema: secret,
  },
  DATA_DIR: {
    group: "Storage",
    about: "Folder for database, files and keys.",
    fallback: "./data",
    schema: text.min(1),
  },
  DATABASE_URL: {
    group: "Storage",
    about: "Empty or sqlite:PATH for SQLite; postgres://… comes later.",
    fallback: "",
    schema: text,
  },
  ...STORAGE_STORE,
  ASSET_STORAGE_ROOT: {
    group: "Storage",
    about:
      "Folder for uploaded and finished files, which are kept together by their content; empty means DATA_DIR/files.",
    fallback: "",
    schema: text,
  },
  OUTPUT_STORAGE_ROOT: {
    group: "Storage",
    about: "Another name of ASSET_STORAGE_ROOT, which counts where both are set.",
    fallback: "",
    schema: text,
  },
  JOB_FILES_DIR: {
    group: "Storage",
    about: "Folder for work in progress; empty means DATA_DIR/work.",
    fallback: "",
    schema: text,
  },
  TEMPLATES_DIR: {
    group: "Storage",
    about: "Folder for templates of one's own, made from imported graphs; empty means DATA_DIR/templates.",
    fallback: "",
    schema: text,
  },
  UPLOAD_MAX_MB: {
    group: "Storage",
    about: "Largest upload in megabytes.",
    fallback: "2048",
    schema: whole(1, 1_000_000),
  },
  DISK_MIN_GB: {
    group: "Storage",
    about: "Free disk below which nothing new starts.",
    fallback: "2",
    schema: decimal(0, 100_000),
  },
  ...KEEPING,
  COMFY_URLS: {
    group: "ComfyUI",
    about:
      "Comma-separated base URLs of ComfyUI servers; path prefixes and https work. Empty starts the draft renderer alone.",
    fallback: "",
    aliases: ["COMFY_BASE_URL", "COMFYUI_BASE_URL", "COMFY_URL"],
    schema: list.refine((urls) => urls.every((item) => URL.canParse(item)), "must be a list of URLs"),
  },
  COMFY_AUTH_HEADER: {
    group: "ComfyUI",
    about: "Sent to every ComfyUI of COMFY_URLS as `Name: value`, for a proxy that demands it.",
    fallback: "",
    schema: header,
  },
  COMFY_SLOTS: {
    group: "ComfyUI",
    about: "Prompts held on each ComfyUI: one executing and the rest waiting.",
    fallback: "2",
    schema: whole(1, 8),
  },
  COMFY_DOWN_SECONDS: {
    group: "ComfyUI",
    about: "Seconds of silence after which work moves to another server.",
    fallback: "60",
    schema: decimal(1, 3600),
  },
  PROMPT_SECONDS_MIN: {
    group: "ComfyUI",
    about: "The least time limit of one prompt, in seconds.",
    fallback: "60",
    schema: decimal(1, 86_400),
  },
  PROMPT_SECONDS_MAX: {
    group: "ComfyUI",
    about: "The highest time limit of one prompt before the studio knows how long such work takes.",
    fallback: "900",
    schema: decimal(1, 86_400),
  },
  COMFY_STUCK_SECONDS: {
    group: "ComfyUI",
    about: "Seconds without any event after which a server with work is reported stuck.",
    fallback: "900",
    schema: decimal(5, 86_400),
  },
  DRAFT_PORT: {
    group: "ComfyUI",
    about: "Port of the draft renderer; 0 takes a free one.",
    fallback: "0",
    schema: whole(0, 65535),
  },
  DRAFT_URL: {
    group: "ComfyUI",
    about:
      "Address of a draft renderer that already runs, or off for none. Empty starts one with the studio.",
    fallback: "",
    schema: text.refine(
      (value) => value === "" || value === "off" || URL.canParse(value),
      "must be a URL or off",
    ),
  },
  LEASE_MS: {
    group: "Engine",
    about: "How long an effect may be silent before another runner takes it over.",
    fallback: "15000",
    schema: whole(200, 600_000),
  },
  SWEEP_MS: {
    group: "Engine",
    about: "How often lost wake-ups are looked for; 0 switches the sweeper off.",
    fallback: "2000",
    schema: whole(0, 600_000),
  },
  WAKE: {
    group: "Engine",
    about: "hint+kv, hint, kv or off: how actors are woken.",
    fallback: "hint+kv",
    schema: z.enum(["hint+kv", "hint", "kv", "off"]),
  },
  ATTEMPTS_MAX: {
    group: "Engine",
    about: "Tries of one step before it fails.",
    fallback: "4",
    schema: whole(1, 20),
  },
  RETRY_BASE_MS: {
    group: "Engine",
    about: "First wait before a failed step is tried again; doubles with each failure.",
    fallback: "5000",
    schema: whole(0, 3_600_000),
  },
  ...LIMITS,
  REFERENCE_IMAGES_MAX: {
    group: "Engine",
    about: "Reference pictures one job may have.",
    fallback: "8",
    schema: whole(0, 64),
  },
  FILM_SECONDS_MAX: {
    group: "Engine",
    about: "Longest film of one job in seconds.",
    fallback: "1800",
    schema: whole(1, 86_400),
  },
  FFMPEG_PATH: {
    group: "Media",
    about:
      "Path of ffmpeg; ffprobe is expected beside it. Empty looks in PATH, then uses the built-in wasm engine.",
    fallback: "",
    schema: text,
  },
  MEDIA_ENGINE: {
    group: "Media",
    about: "auto, native or wasm.",
    fallback: "auto",
    schema: z.enum(["auto", "native", "wasm"]),
  },
  ANTHROPIC_API_KEY: {
    group: "Providers",
    about: "Language model for research, briefs and direction. Optional.",
    fallback: "",
    schema: secret,
  },
  ANTHROPIC_URL: {
    group: "Providers",
    about: "Where Anthropic answers.",
    fallback: "https://api.anthropic.com",
    schema: url,
  },
  COMETAPI_API_KEY: {
    group: "Providers",
    about: "Paid music, image and video models. Optional.",
    fallback: "",
    schema: secret,
  },
  COMETAPI_URL: {
    group: "Providers",
    about: "Where CometAPI answers.",
    fallback: "https://api.cometapi.com",
    schema: url,
  },
  YOUTUBE_CLIENT_ID: {
    group: "Providers",
    about: "OAuth client for publishing to YouTube. Optional.",
    fallback: "",
    schema: text,
  },
  YOUTUBE_CLIENT_SECRET: {
    group: "Providers",
    about: "OAuth client secret for YouTube. Optional.",
    fallback: "",
    schema: secret,
  },
  YOUTUBE_REDIRECT_URI: {
    group: "Providers",
    about: "OAuth redirect address registered with Google. Optional.",
    fallback: "",
    schema: url,
  },
  YOUTUBE_TOKEN_URL: {
    group: "Providers",
    about: "Where Google hands out tokens for YouTube.",
    fallback: "https://oauth2.googleapis.com/token",
    schema: url,
  },
  DEFAULT_IMAGE_MODEL: {
    group: "Providers",
    about: "Image model of the movie factory: nanobananapro or seedream4k.",
    fallback: "nanobananapro",
    schema: text,
  },
  DEFAULT_VIDEO_MODEL: {
    group: "Providers",
    about: "Video model of the movie factory: kling3, seedance or wan26.",
    fallback: "kling3",
    schema: text,
  },
  ...DELIVERY,
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof VARIABLES;
export type Config = { readonly [Name in VariableName]: z.output<(typeof VARIABLES)[Name]["schema"]> };

/** Reads every variable; on failure lists every bad name with its rule, never a value. */
export function readConfig(env: Record<string, string | undefined>): Result<Config> {
  const shape = Object.fromEntries(
    Object.entries(VARIABLES).map(([name, variable]) => [name, variable.schema]),
  );
  const given = Object.fromEntries(
    Object.entries<Variable>(VARIABLES).map(([name, variable]) => [name, valueOf(name, variable, env)]),
  );
  const parsed = z.object(shape).safeParse(given);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ({
      path: issue.path.join("."),
      message: describeIssue(issue),
    }));
    const names = fields.map((field) => `${field.path} ${field.message}`).join("; ");
    return no([problem("studio.config", { message: `Cannot start: ${names}`, fields })]);
  }
  return ok(Object.freeze(parsed.data) as Config);
}
