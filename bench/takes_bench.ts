/** Long takes: how fast 10,000 pieces are planned, what joining costs beside one direct encode, and how much memory it takes. */
import { cpuUsage } from "node:process";
import { joinArgs } from "@/core/ffmpeg/clips.ts";
import { concatList } from "@/core/ffmpeg/inputs.ts";
import { type ColourMap, cubeText } from "@/core/colour_match.ts";
import { sumTake, takeSteps } from "@/core/planners/long_take.ts";
import { readJobRequest } from "@/core/request.ts";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { makeContext } from "@/tests/core/planners/wish.ts";
import { openRig } from "@/tests/rig/rig.ts";
import { interleave, median, print, silent } from "./report.ts";

const PIECES = 10_000;
const CHUNK = 100;
const ROUNDS = 3;
const RATE = { num: 16, den: 1 };

/** `--minutes N`: length of the take whose joining is watched for memory. */
export async function benchTakes(args: string[]): Promise<void> {
  await benchPlanning();
  await benchSingles();
  const at = args.indexOf("--minutes");
  await benchJoin(at === -1 ? 2 : Number(args[at + 1]));
}

async function benchPlanning(): Promise<void> {
  const context = await makeContext();
  const request = readJobRequest({
    mode: "take",
    prompt: "A slow walk along a foggy harbour",
    settings: { frames: PIECES * CHUNK, seed: "1" },
  });
  const template = context.templates.find(({ manifest }) => manifest.id === "long_take/vace_core");
  if (!request.ok || !template) throw new Error("There is nothing to plan");
  const times: number[] = [];
  const work: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    const begun = cpuUsage();
    const ready = {
      request: request.value,
      context,
      template,
      engine: "draft" as const,
      preset: template.manifest.defaultPreset,
      seed: "1",
      character: null,
      files: new Map(),
      references: [],
      poseSheet: null,
    };
    const sums = sumTake(ready);
    const steps = sums.ok ? takeSteps(ready, sums.value) : sums;
    if (!steps.ok || steps.value.length !== PIECES * 3) throw new Error("The plan is not whole");
    times.push(performance.now() - from);
    const { user, system } = cpuUsage(begun);
    work.push((user + system) / 1e6);
  }
  const value = median(times) / 1000;
  print({
    bench: "takes.planning",
    value,
    unit: "s",
    cpuS: Number(median(work).toFixed(3)),
    pieces: PIECES,
    target: "at most 1 s",
  });
}

const SINGLE = { pieces: 6, frames: 9, stepMs: 100 };

/** A take on the draft renderer beside single jobs of as many frames and sampling steps, one after the other. */
async function benchSingles(): Promise<void> {
  await using rig = await openRig({ stepMs: SINGLE.stepMs });
  const { person } = rig;
  const { pieces, frames } = SINGLE;
  const settings = { width: 320, height: 320, preset: "fast" };
  const prompt = "A slow walk along a foggy harbour";
  const timed = async (wishes: Record<string, unknown>[]) => {
    const from = performance.now();
    for (const wish of wishes) await person.waitForEnd((await person.create({ prompt, ...wish })).id);
    return performance.now() - from;
  };
  const long = { mode: "take", settings: { ...settings, frames: pieces * frames }, take: { chunk: frames } };
  const single = (n: number) => ({
    mode: "wan",
    submode: "t2v",
    settings: { ...settings, frames, seed: String(n) },
  });
  const singles = await timed(Array.from({ length: pieces }, (_, n) => single(n)));
  const take = await timed([long]);
  print({
    bench: "takes.single",
    value: take / singles,
    unit: "take / single jobs of equal frames",
    pieces,
    wallS: [take, singles].map((ms) => Number((ms / 1000).toFixed(1))),
    target: "at most 2",
  });
}

/** 720p material in pieces of 101 frames, of which 100 are shown. */
async function benchJoin(minutes: number): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const count = Math.max(2, Math.round(minutes * 60 * RATE.num / CHUNK));
    const clips = await makeClips(dir);
    const list = `${dir}/list.txt`;
    await Deno.writeTextFile(
      list,
      concatList(Array.from({ length: count }, (_, n) => clips[n % clips.length] ?? "")),
    );
    const tables = await writeTables(dir, count);
    const frames = count * CHUNK;
    const media = await openMedia({ choice: "native", ffmpegPath: "", log: silent, clock: systemClock() });
    const output = `${dir}/film.mp4`;
    let most = 0;
    /** Of the processors, as long as the machine tells: another program beside this one does not change it. */
    const worked: number[] = [];
    const timed = (work: () => Promise<void>) => async () => {
      const from = performance.now();
      const seen = await watchWork(work);
      most = Math.max(most, seen.bytes);
      worked.push(Math.round(seen.cpuS));
      return performance.now() - from;
    };
    const joined = (lut: (piece: number) => string | null) =>
      timed(() =>
        media.joinPieces({
          pieces: Array.from({ length: count }, (_, n) => {
            const path = clips[n % clips.length] ?? "";
            return { path, of: CHUNK + 1, frames: CHUNK, repeats: 0, lut: lut(n) };
          }),
          blend: false,
          rate: RATE,
          width: 1280,
          height: 720,
          sound: null,
          output,
        })
      );
    const rounds = await interleave(
      new Map([
        ["direct", timed(() => encode(joinArgs({ list, frames, rate: RATE, sound: null, output })))],
        ["plain", joined(() => null)],
        ["corrected", joined((piece) => tables[piece] ?? null)],
      ]),
      minutes > 1 ? 1 : ROUNDS,
    );
    const [direct, plain, corrected] = ["direct", "plain", "corrected"].map((name) =>
      median(rounds.get(name) ?? [])
    );
    const wallS = [direct, plain, corrected].map((ms) => Math.round((ms ?? NaN) / 1000));
    const more = { unit: "join / direct encode", pieces: count, minutes, wallS, cpuS: worked.slice(0, 3) };
    print({ bench: "takes.join", value: (plain ?? NaN) / (direct ?? NaN), ...more, target: "at most 1.1" });
    print({
      bench: "takes.join.corrected",
      value: (corrected ?? NaN) / (direct ?? NaN),
      ...more,
      target: "at most 1.6",
    });
    print({
      bench: "takes.join.memory",
      value: most / 1e6,
      unit: "MB",
      minutes,
      target: "at most 400 MB for 30 minutes",
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function makeClips(dir: string): Promise<string[]> {
  const clips = [`${dir}/one.mp4`, `${dir}/other.mp4`];
  for (const [n, clip] of clips.entries()) {
    const source = `${n === 0 ? "testsrc2" : "mandelbrot"}=size=1280x720:rate=16`;
    const args = ["-y", "-f", "lavfi", "-i", source, "-frames:v", "101", "-pix_fmt", "yuv420p"];
    await encode([...args, "-c:v", "libx264", "-preset", "veryfast", "-crf", "12", clip]);
  }
  return clips;
}

async function writeTables(dir: string, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let n = 0; n < count; n++) {
    const gain = 1 - 0.1 * n / count;
    const map: ColourMap = ([r, g, b]) => [r * gain, g, b / gain];
    paths.push(`${dir}/look-${n}.cube`);
    await Deno.writeTextFile(paths[n] ?? "", cubeText(map));
  }
  return paths;
}

async function encode(args: string[]): Promise<void> {
  const { success } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", "-loglevel", "error", "-y", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error("ffmpeg failed");
}

const LOOK_MS = 50;
/** Of every Linux that there is. */
const TICKS_PER_S = 100;

/** The most memory that this process took for the work, with the ones that it started, and how long those computed. */
async function watchWork(work: () => Promise<void>): Promise<{ bytes: number; cpuS: number }> {
  let bytes = 0;
  const spent = new Map<string, number>();
  const before = Deno.memoryUsage().rss;
  const read = (path: string) => Deno.readTextFile(path).catch(() => "");
  const timer = setInterval(async () => {
    const children = await read(`/proc/${Deno.pid}/task/${Deno.pid}/children`);
    let now = Math.max(0, Deno.memoryUsage().rss - before);
    for (const pid of children.trim().split(/\s+/).filter((text) => text !== "")) {
      const status = await read(`/proc/${pid}/status`);
      now += Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024;
      const times = (await read(`/proc/${pid}/stat`)).split(") ")[1]?.split(" ").slice(11, 13) ?? [];
      const ticks = times.reduce((sum, text) => sum + Number(text), 0);
      spent.set(pid, Math.max(spent.get(pid) ?? 0, ticks / TICKS_PER_S));
    }
    bytes = Math.max(bytes, now);
  }, LOOK_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { bytes, cpuS: [...spent.values()].reduce((sum, one) => sum + one, 0) };
}
