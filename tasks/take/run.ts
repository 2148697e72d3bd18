/** Runs takes in a studio of their own: opens it, asks for each film, shows how far they are, and lays the films out in folders. */
import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Config } from "@/core/config.ts";
import { pathName, pathNames } from "@/core/prompt_file.ts";
import { escapeAlternatives } from "@/core/takes.ts";
import { removeOrphans } from "@/studio/housekeeping.ts";
import { type House, openHouse } from "@/studio/open.ts";
import { ENDS, TakeClient, type TakeDetail, type TakeJob } from "./client.ts";
import { deliverAll } from "./deliver.ts";
import type { FoundFile } from "./files.ts";
import { copyInto, FINAL, nameOf, videoFolder } from "./folders.ts";
import { advance, clock, describeLine, type Line } from "./lines.ts";
import type { TakeOptions } from "./options.ts";
import { requestOf } from "./request.ts";

const LOOK_MS = 500;

export interface Ended {
  /** Of the job. */
  id: string;
  name: string;
  status: string;
  why: string;
  film: string;
  seconds: number;
  pieces: number;
  /** Largest distance of a piece from its anchor, as delivered and as joined. */
  drift: [number, number] | null;
}

export interface Running {
  options: TakeOptions;
  say(text: string): void;
  /** Ends the wait; takes go on when the studio opens again. */
  signal: AbortSignal;
}

/** What stops takes before they begin. */
export class DiskFull extends Error {}

export async function runTakes(found: FoundFile[], config: Config, running: Running): Promise<Ended[]> {
  const house = await openHouse(config, { onFatal: () => Deno.exit(1) });
  try {
    await checkDisk(house, config);
    const client = new TakeClient(house);
    await client.open();
    const jobs = await beginAll(found, { client, running });
    const ended = await watch(jobs, { client, running });
    await deliverAll(ended, { config, client, ...running, now: new Date(systemClock().now()) });
    if (ended.every(({ status }) => status === "completed")) await clearUp(house);
    return ended;
  } finally {
    await house.close();
  }
}

/** What takes were made from goes at once where nobody wished to keep it. */
async function clearUp(house: House): Promise<void> {
  const clock = systemClock();
  // The trash holds only films that are elsewhere for certain.
  const config = { ...house.config, ORPHAN_HOURS: 0, TRASH_DAYS: 0 };
  await removeOrphans({ ...house, config, clock, closing: new AbortController().signal });
}

async function checkDisk(house: House, config: Config): Promise<void> {
  const free = await house.storage.freeBytes();
  if (free === null || free >= config.DISK_MIN_GB * 1e9) return;
  throw new DiskFull(
    `Only ${
      (free / 1e9).toFixed(1)
    } GB are free, and takes begin with ${config.DISK_MIN_GB}. Make room, or set DISK_MIN_GB.`,
  );
}

/** A take of the same name that has not ended is gone on with. */
async function beginAll(
  found: FoundFile[],
  { client, running }: { client: TakeClient; running: Running },
): Promise<TakeJob[]> {
  const { options, say } = running;
  const known = await client.takes();
  const jobs: TakeJob[] = [];
  if (options.resume !== undefined) jobs.push(await resume(known, options.resume, client));
  for (const { file, image, video } of found) {
    if (file === null) continue;
    const open = known.find(({ title, status }) => title === file.name && !ENDS.includes(status));
    if (open) {
      say(`${file.name}: goes on where it was\n`);
      jobs.push(open);
      continue;
    }
    const assets = {
      ...(image === null ? {} : { image: await client.upload(`${file.name}-image`, image) }),
      ...(video === null ? {} : { video: await client.upload(`${file.name}-video`, video) }),
    };
    const { prompt, negativePrompt, ...request } = requestOf(file, { options, assets });
    // Braces in a prompt file are words: one file is one film.
    const words = { prompt: escapeAlternatives(prompt), negativePrompt: escapeAlternatives(negativePrompt) };
    jobs.push(await client.create({ ...request, ...words }));
  }
  return jobs;
}

async function resume(known: TakeJob[], name: string, client: TakeClient): Promise<TakeJob> {
  const job = known.find(({ title }) => title === name || pathName(title) === name);
  if (!job) {
    const names = known.map(({ title }) => title).join(", ") || "none";
    throw new Error(`There is no take "${name}" here. Known: ${names}.`);
  }
  if (job.status === "failed" || job.status === "cancelled") await client.retry(job.id);
  return job;
}

async function watch(
  jobs: TakeJob[],
  { client, running }: { client: TakeClient; running: Running },
): Promise<Ended[]> {
  const names = pathNames(jobs.map(({ title }) => title));
  const time = systemClock();
  const lines = jobs.map((job, at): Line => ({
    name: names[at] ?? job.title,
    share: job.share,
    from: job.share,
    begunMs: time.monotonic(),
  }));
  const told = lines.map(() => "");
  const ended = new Map<string, Ended>();
  while (ended.size < jobs.length && !running.signal.aborted) {
    for (const [at, { id }] of jobs.entries()) {
      const line = lines[at];
      if (!line || ended.has(id)) continue;
      const job = await client.job(id);
      // A retry that was just asked for has not begun its run yet.
      advance(line, job);
      const text = describeLine(line, job, time.monotonic());
      const plain = text.replace(/ {2}about .*$/, "");
      if (plain !== told[at]) running.say(`${text}\n`);
      told[at] = plain;
      if (ENDS.includes(job.status)) {
        ended.set(
          id,
          await finish(job, { line, client, running, seconds: (time.monotonic() - line.begunMs) / 1000 }),
        );
      }
    }
    await keepAwake(LOOK_MS);
  }
  return jobs.map(({ id, title }) =>
    ended.get(id) ??
      {
        id,
        name: title,
        status: "stopped",
        why: `go on with --resume ${title}`,
        film: "",
        seconds: 0,
        pieces: 0,
        drift: null,
      }
  );
}

/** A timer that holds the process open, unlike the clock's. */
function keepAwake(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function finish(
  job: TakeDetail,
  of: { line: Line; client: TakeClient; running: Running; seconds: number },
): Promise<Ended> {
  const { line, client, running, seconds } = of;
  const { out, keep } = running.options;
  const laid = await layOut(job, {
    house: client.house,
    dir: videoFolder(out, line.name),
    name: line.name,
    keep,
  });
  return {
    id: job.id,
    name: line.name,
    status: job.status,
    why: job.status === "completed" ? "" : job.problem?.message ?? "",
    seconds,
    pieces: job.steps.filter(({ id }) => id.startsWith("low-")).length,
    ...laid,
  };
}

const Record = z.looseObject({
  joins: z.array(z.looseObject({ toAnchor: z.number(), toAnchorJoined: z.number() })).min(1),
});

/** The film, and with `keep` all that it was made from, under names that tell. What a failed take has made stays too. */
async function layOut(
  job: TakeDetail,
  of: { house: House; dir: string; name: string; keep: boolean },
): Promise<Pick<Ended, "film" | "drift">> {
  const { store, storage } = of.house;
  const rows = (await store.steps(job.id)).filter(({ chosen, state }) => chosen && state === "done");
  let [film, drift]: [string, Ended["drift"]] = ["", null];
  const plan = await store.plan(job.id, 1);
  for (const row of rows) {
    for (const { role, sha256, ext } of row.outputs) {
      // What nothing needed any more is not there.
      const found = () => storage.localPath(`${sha256}.${ext}`);
      if (row.id === plan?.result.step && role === plan.result.main && job.status === "completed") {
        film = join(of.dir, FINAL, `${of.name}.mp4`);
        await copyInto(await found(), film);
      } else if (row.id === "join" && role === "metadata") {
        const path = await found();
        const { joins } = Record.parse(JSON.parse(await Deno.readTextFile(path)));
        drift = [
          Math.max(...joins.map((one) => one.toAnchor)),
          Math.max(...joins.map((one) => one.toAnchorJoined)),
        ];
        await copyInto(path, join(of.dir, FINAL, `${of.name}.json`));
      } else if (
        of.keep && (["latent", "clip", "reference"].includes(role) || row.id.startsWith("combine-"))
      ) {
        await copyInto(await found(), join(of.dir, nameOf(row.id, role)));
      }
    }
  }
  return { film, drift };
}

export function summaryRows(ended: Ended[]): string[][] {
  return ended.map(({ name, status, why, film, seconds, pieces, drift }) => [
    name,
    status,
    String(pieces),
    clock(seconds),
    drift === null ? "" : `${drift[0].toFixed(1)} → ${drift[1].toFixed(1)}`,
    film || why,
  ]);
}
