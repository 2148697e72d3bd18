/** What the commands share: arguments, the shelf, a server's node definitions, and how findings are printed. */
import { parseArgs } from "node:util";
import { openComfy } from "@/adapters/comfy/client.ts";
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { systemRandom } from "@/adapters/system/random.ts";
import { readShelf, type Shelf, writeTemplate } from "@/adapters/workflows/own.ts";
import { type Config, readConfig } from "@/core/config.ts";
import type { Comfy, Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Definitions, Template } from "@/core/template.ts";
import type { Fault } from "@/core/workflow/check_graph.ts";
import type { Change, Proposal } from "@/core/workflow/import/mod.ts";
import { ownFolder } from "@/studio/places.ts";
import { readRecorded, SHIPPED } from "@/studio/templates.ts";

export type Command = (args: string[]) => Promise<number>;

/** Arguments that make no sense; the usage is printed with it. */
export class Misused extends Error {}

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`));
}

type Options = NonNullable<Parameters<typeof parseArgs>[0]>["options"];

export interface Read {
  files: string[];
  text(name: string): string | undefined;
  texts(name: string): string[];
  has(name: string): boolean;
}

export function readArgs(args: string[], options: NonNullable<Options>): Read {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const given: Record<string, unknown> = values;
    const texts = (name: string) => [given[name] ?? []].flat().map(String);
    return { files: positionals, texts, text: (name) => texts(name)[0], has: (name) => given[name] === true };
  } catch (thrown) {
    throw new Misused(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

export interface Desk {
  config: Config;
  /** Folder of one's own templates. */
  folder: string;
  shelf: Shelf;
}

export async function openDesk(): Promise<Desk> {
  loadEnvFile();
  const config = readConfig(Deno.env.toObject());
  if (!config.ok) throw new Misused(config.problem.map((found) => found.message).join("\n"));
  const folder = ownFolder(config.value);
  const shelf = await readShelf({ shipped: SHIPPED, own: folder }, await readRecorded(), sha256);
  return { config: config.value, folder, shelf };
}

/** `live` are definitions that a server gave. */
export async function keep(
  { folder, shelf }: Desk,
  template: Template,
  live: Definitions = {},
): Promise<string> {
  const classes = { ...shelf.brought, ...live };
  return await writeTemplate(folder, template, { classes, id: systemIds().uuid7() });
}

/** Speaks to one server. Throws `Misused` where it does not answer. */
export async function withServer<T>(
  url: string,
  config: Config,
  use: (comfy: Comfy) => Promise<T>,
): Promise<T> {
  if (!URL.canParse(url)) throw new Misused(`"${url}" is no address; write it as http://HOST:8188`);
  const comfy = openComfy({
    id: url,
    url,
    clock: systemClock(),
    ids: systemIds(),
    random: systemRandom,
    log: silent,
    authHeader: config.COMFY_AUTH_HEADER,
  });
  try {
    return await use(comfy);
  } catch (thrown) {
    const found = problemOf(thrown);
    if (!found.code.startsWith("comfy.")) throw thrown;
    throw new Misused(
      `The server at ${url} does not answer as a ComfyUI: ${found.operator ?? found.message}`,
    );
  } finally {
    await comfy.close();
  }
}

export function definitionsFrom(url: string, config: Config, classes: string[]): Promise<Definitions> {
  return withServer(
    url,
    config,
    (comfy) => comfy.definitions([...new Set(classes)], { fresh: true, signal: AbortSignal.timeout(60_000) }),
  );
}

export async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) throw new Misused(`There is no file ${path}`);
    throw thrown;
  }
}

/** What is bound, unbound and missing, and what is wrong, as lines. */
export function proposalText({ id, version, basis, rows, faults, notes }: Proposal): string {
  const head = version === "" ? id : `${id} ${version}${basis === null ? "" : `, which follows ${basis}`}`;
  const width = Math.max(0, ...rows.map(({ role }) => role.length));
  const lines = rows.flatMap(({ role, state, places }) => {
    const name = `${state.padEnd(8)} ${role.padEnd(width)}`;
    if (places.length === 0) return [name];
    return places.map(({ label, value, by }, at) =>
      `${at === 0 ? name : " ".repeat(name.length)}  ${label}${value === "" ? "" : ` = ${value}`} (by ${by})`
    );
  });
  const parts = [
    head,
    ...lines,
    ...notes.map((note) => `note: ${note}`),
    ...faults.map(faultText),
  ];
  return `${parts.join("\n")}\n`;
}

export function faultText({ text }: Fault): string {
  return `WRONG: ${text}`;
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

export function changeText({ change, where, input, before, after }: Change): string {
  const name = input === undefined ? where : `${where}, ${input}`;
  const what = change === "changed" ? `${before} → ${after}` : after ?? before ?? "";
  return `${SIGNS[change]} ${name}: ${what}`;
}
