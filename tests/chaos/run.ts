/** Two studios on one folder and one draft renderer, all real processes: killed and stopped at random while films are made. */
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { openReader } from "@/db/sqlite.ts";
import { numberedFrames, RATE_16 } from "@/tests/adapters/media/support.ts";
import { Person } from "@/tests/rig/person.ts";
import type { Cast } from "@/tests/rig/person.ts";
import { silent } from "@/tests/rig/rig.ts";
import { seeded } from "@/tests/sim/world.ts";
import { checkFinal, type Ended } from "./final.ts";
import { type Process, startDraftRenderer, startStudio } from "./processes.ts";

export interface ChaosOptions {
  seed: number;
  jobs: number;
  /** How long processes are killed and stopped. */
  faultsMs: number;
  /** How long everything may take to come to rest after that. */
  restMs: number;
  stepMs?: number;
}

export interface ChaosReport extends Ended {
  kills: number;
  stops: number;
  commands: number;
  /** POSTs of a prompt that the server had already taken. */
  twice: number;
  tookMs: number;
}

export const LEASE_MS = 1200;
const STUDIOS = 2;
const DRIVE_FRAMES = 160;

interface Run {
  options: ChaosOptions;
  random: () => number;
  dir: string;
  env: Record<string, string>;
  studios: Process[];
  kills: number;
  stops: number;
  commands: number;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const from = performance.now();
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await startDraftRenderer(`${dir}/draft`, { stepMs: options.stepMs ?? 5, accepted });
  const env = { DRAFT_URL: draft.url, LEASE_MS: String(LEASE_MS), SWEEP_MS: "1000", LOG_LEVEL: "error" };
  const run: Run = {
    options,
    random: seeded(options.seed),
    dir,
    env,
    studios: [],
    kills: 0,
    stops: 0,
    commands: 0,
  };
  try {
    // One after the other: the first one brings the database up to date and makes the keys.
    for (let n = 0; n < STUDIOS; n++) run.studios.push(await startStudio(`${dir}/data`, env));
    const person = await new Person("http://studio.test", (request) => askAny(run, request)).register();
    const ids = await submitAll(run, person);
    await Promise.all([hurt(run), command(run, person, ids)]);
    await rest(run);
    for (const studio of run.studios.splice(0)) await end(studio, "SIGTERM");
    const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
    const ended = await checkFinal(`${dir}/data`, media);
    const { kills, stops, commands } = run;
    const twice = accepted.length - new Set(accepted).size;
    return { ...ended, kills, stops, commands, twice, tookMs: Math.round(performance.now() - from) };
  } finally {
    for (const studio of run.studios) await end(studio, "SIGKILL");
    await end(draft, "SIGTERM");
    await Deno.remove(dir, { recursive: true });
  }
}

/** Any studio that answers: each of them knows everything. */
async function askAny(run: Run, request: Request): Promise<Response> {
  const body = request.body === null ? undefined : await request.arrayBuffer();
  const { pathname, search } = new URL(request.url);
  for (let tries = 0;; tries++) {
    const studio = run.studios[tries % Math.max(1, run.studios.length)];
    try {
      if (!studio) throw new Error("No studio runs");
      const { method, headers } = request;
      const signal = AbortSignal.timeout(10_000);
      return await fetch(`${studio.url}${pathname}${search}`, { method, headers, body, signal });
    } catch (thrown) {
      if (tries > 50) throw thrown;
      await pause(200);
    }
  }
}

/** Of ten jobs one is an animation of three parts, two are performances of two parts, the rest are short. */
async function submitAll(run: Run, person: Person): Promise<string[]> {
  const cast: Cast = {
    ...await person.bringCast(),
    drive: await person.upload("drive.mp4", await drawDrive(run.dir)),
  };
  const ids: string[] = [];
  for (let n = 0; n < run.options.jobs; n++) {
    // Every fourth job asks for what another one asks for, so that work is also used again.
    const seed = String(n - (n % 4 === 3 ? 3 : 0));
    const job = n % 10 === 0
      ? await person.animate(cast, { seed, frames: 150 })
      : await person.perform(cast, { seed, seconds: n % 10 < 3 ? 5.1 : 0.5 });
    ids.push(job.id);
  }
  return ids;
}

async function drawDrive(dir: string): Promise<Uint8Array<ArrayBuffer>> {
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  const output = `${dir}/drive.mp4`;
  await media.encode({ raw: numberedFrames(DRIVE_FRAMES), rate: RATE_16, output });
  return await Deno.readFile(output);
}

/** Kills or stops one studio after the other; a killed one is started again on the same folder. */
async function hurt(run: Run): Promise<void> {
  const endAt = performance.now() + run.options.faultsMs;
  while (performance.now() < endAt) {
    await pause(700 + 900 * run.random());
    const at = Math.floor(run.random() * run.studios.length);
    const studio = run.studios[at];
    if (!studio) continue;
    if (run.random() < 0.5) {
      run.kills++;
      await end(studio, "SIGKILL");
      run.studios[at] = await startStudio(`${run.dir}/data`, run.env);
    } else {
      run.stops++;
      studio.signal("SIGSTOP");
      await pause(LEASE_MS * 2 + 600 * run.random());
      studio.signal("SIGCONT");
    }
  }
}

/** Cancels every tenth job, pauses and resumes another, and takes one part of a finished film again. */
async function command(run: Run, person: Person, ids: string[]): Promise<void> {
  const some = (rest: number) => ids.filter((_, n) => n % 10 === rest);
  for (const id of some(4)) {
    await pause(300 * run.random());
    await tell(run, person, { id, name: "cancel" });
  }
  for (const id of some(5)) {
    await tell(run, person, { id, name: "pause", body: { now: run.random() < 0.5 } });
    await pause(500 * run.random());
    await tell(run, person, { id, name: "resume" });
  }
  const [first] = some(6).length > 0 ? some(6) : ids;
  if (first === undefined) return;
  await person.waitForEnd(first, run.options.faultsMs + run.options.restMs);
  await tell(run, person, { id: first, name: "retake", body: { step: "chunk-001", follow: "rerun" } });
}

/** A command that comes too late is refused with 409, which is an answer like any other. */
async function tell(
  run: Run,
  person: Person,
  { id, name, body = {} }: { id: string; name: string; body?: unknown },
): Promise<void> {
  const answer = await person.send("POST", `/jobs/${id}/${name}`, body);
  const text = await answer.text();
  if (answer.ok) run.commands++;
  else if (answer.status !== 409) throw new Error(`${name} answered ${answer.status}: ${text}`);
}

/** Waits until no job is under way and no message or effect is open, looking into the database only. */
async function rest(run: Run): Promise<void> {
  const endAt = performance.now() + run.options.restMs;
  const db = openReader(`${run.dir}/data/studio.db`);
  try {
    for (;;) {
      const row = await db.selectNoFrom((eb) => [
        eb.selectFrom("jobs").where("status", "not in", ["completed", "failed", "cancelled"])
          .select((of) => of.fn.countAll<number>().as("n")).as("jobs"),
        eb.selectFrom("mail").where("done_at", "is", null).select((of) => of.fn.countAll<number>().as("n"))
          .as("mail"),
        eb.selectFrom("effect").where("status", "=", "open").select((of) => of.fn.countAll<number>().as("n"))
          .as("effects"),
      ]).executeTakeFirstOrThrow();
      const left = Number(row.jobs) + Number(row.mail) + Number(row.effects);
      if (left === 0) return;
      if (performance.now() > endAt) {
        throw new Error(`Still under way after the faults: ${JSON.stringify(row)}`);
      }
      await pause(250);
    }
  } finally {
    await db.destroy();
  }
}

async function end(process: Process, signal: Deno.Signal): Promise<void> {
  try {
    process.signal("SIGCONT");
    process.signal(signal);
  } catch { /* It has ended already. */ }
  await process.gone;
}

function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
