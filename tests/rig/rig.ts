/** The whole studio in this process: the real house on a temporary folder, and a draft renderer that obeys orders. */
import { makeApi } from "@/api/mod.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { type Config, readConfig } from "@/core/config.ts";
import type { Log } from "@/core/ports.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";
import { type Draft, startDraft } from "@/draft/server.ts";
import { type House, openHouse } from "@/studio/open.ts";
import { Person } from "./person.ts";

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Configuration for tests: nothing of the environment, nothing outside the folder, short waits. */
export function configFor(dir: string, env: Record<string, string> = {}): Config {
  const config = readConfig({
    DATA_DIR: dir,
    PORT: "0",
    DRAFT_URL: "off",
    DISK_MIN_GB: "0",
    LOG_LEVEL: "error",
    RETRY_BASE_MS: "50",
    ...env,
  });
  if (!config.ok) throw new Error(config.problem.map((found) => found.message).join("\n"));
  return config.value;
}

export interface DraftSettings {
  stepMs?: number;
  /** Milliseconds that loading other models takes. */
  loadMs?: number;
  /** Told of each load. */
  loaded?: () => void;
  /** Port of one that ended, to start it anew there. */
  port?: number;
  /** Gets the id of each prompt that is taken, once per POST. */
  accepted?: string[];
}

export async function openDraft(
  dir: string,
  { stepMs = 1, loadMs = 0, loaded = () => {}, port = 0, accepted = [] }: DraftSettings = {},
): Promise<Draft> {
  const clock = systemClock();
  const log: Log = {
    ...silent,
    debug(text, fields) {
      if (text === "prompt accepted") accepted.push(String(fields?.prompt));
      if (text === "models loaded") loaded();
    },
  };
  return await startDraft({
    port,
    dir,
    stepMs,
    loadMs,
    library: draftNodes,
    media: await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock }),
    log,
    clock,
    ids: systemIds(),
  });
}

export interface Rig extends AsyncDisposable {
  house: House;
  draft: Draft;
  dir: string;
  /** The first account, which is the operator. */
  person: Person;
  /** Ids of the prompts that the draft renderer took, one per POST. */
  accepted: string[];
}

export interface RigOptions {
  env?: Record<string, string>;
  stepMs?: number;
}

/** One house, one draft renderer, one person. */
export async function openRig({ env = {}, stepMs }: RigOptions = {}): Promise<Rig> {
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { stepMs, accepted });
  const house = await openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url, ...env });
  const person = await personAt(house).register();
  return {
    house,
    draft,
    dir,
    person,
    accepted,
    async [Symbol.asyncDispose]() {
      await house.close();
      await draft.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

export async function openHouseAt(dir: string, env: Record<string, string>): Promise<House> {
  return await openHouse(configFor(dir, env), { onFatal: () => {} });
}

/** Speaks to the API of a house in this process, without a port. */
export function personAt(house: House): Person {
  const api = makeApi();
  const env = { studio: house.studio, address: "127.0.0.1" };
  return new Person("http://studio.test", (request) => Promise.resolve(api.fetch(request, env)));
}
