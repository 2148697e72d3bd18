/** `deno task demo`: starts everything, makes three films of the sample files through the HTTP API, and checks each. */
import { parseArgs } from "node:util";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Probe } from "@/core/media.ts";
import type { Log } from "@/core/ports.ts";
import { configure, start } from "@/main.ts";
import { DemoClient, type DemoJob } from "./demo_client.ts";

const LIMIT_MS = 30 * 60_000;
const LOOK_MS = 400;
const BAR_WIDTH = 24;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { keep: { type: "string" }, comfy: { type: "string" } } });
  const dir = values.keep ?? await Deno.makeTempDir({ prefix: "animatrix-demo-" });
  await Deno.mkdir(dir, { recursive: true });
  const env = {
    ...Deno.env.toObject(),
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: `${dir}/data`,
    LOG_LEVEL: "warn",
  };
  const config = configure(values.comfy ? { ...env, COMFY_URLS: values.comfy } : { ...env, COMFY_URLS: "" });
  say(`Starting the studio in ${dir}\n`);
  const running = await start(config, { onFatal: () => Deno.exit(1) });
  try {
    say(
      `Open at ${running.url}, ${
        values.comfy ? `rendering on ${values.comfy}` : "rendering drafts, no GPU needed"
      }\n\n`,
    );
    const client = await DemoClient.register(running.url);
    const jobs = await submit(client);
    const ended = await watch(client, jobs);
    return await checkAll(client, ended, `${dir}/films`);
  } finally {
    await running.stop();
    if (!values.keep) say(`\nThe films stay in ${dir}/films\n`);
  }
}

/** One move, one mix from a phone-like clip, one performance. */
async function submit(client: DemoClient): Promise<DemoJob[]> {
  const sample = (name: string) => client.upload(name, new URL(`../static/samples/${name}`, import.meta.url));
  const groundTruth = await sample("character.png");
  const [drive, phone, voice] = [
    await sample("drive.mp4"),
    await sample("phone.mp4"),
    await sample("voice.mp3"),
  ];
  const prompt = "the character in soft evening light, flat illustration";
  return [
    await client.create({
      mode: "animate",
      submode: "move",
      title: "Move",
      prompt,
      assets: { groundTruth, motionVideo: drive },
    }),
    await client.create({
      mode: "animate",
      submode: "mix",
      title: "Mix",
      prompt,
      assets: { groundTruth, motionVideo: phone },
    }),
    await client.create({
      mode: "audio",
      title: "Performance",
      prompt,
      assets: { groundTruth, audio: voice },
    }),
  ];
}

/** Shows a bar per job until all have ended; on a terminal the bars stand still, elsewhere each change is a line. */
async function watch(client: DemoClient, jobs: DemoJob[]): Promise<DemoJob[]> {
  const clock = systemClock();
  const until = clock.monotonic() + LIMIT_MS;
  const terminal = Deno.stdout.isTerminal();
  const begun = clock.monotonic();
  let last = "";
  for (;;) {
    const now = await Promise.all(jobs.map((job) => client.job(job.id)));
    const lines = now.map((job) => bar(job, (clock.monotonic() - begun) / 1000));
    const plain = now.map((job) => `${job.title}: ${job.status} ${Math.floor(job.share * 10)}`).join("|");
    if (terminal) {
      say(`${last === "" ? "" : `\x1b[${lines.length}A`}${lines.map((line) => `\x1b[2K${line}\n`).join("")}`);
    } else if (plain !== last) say(`${lines.join("\n")}\n\n`);
    last = plain;
    if (now.every((job) => ["completed", "failed", "cancelled"].includes(job.status))) return now;
    if (clock.monotonic() > until) throw new Error("The demo took longer than half an hour");
    await keepAwake(LOOK_MS);
  }
}

/** A timer that holds the process open, unlike the clock's. */
function keepAwake(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function bar(job: DemoJob, elapsedS: number): string {
  const filled = Math.round(job.share * BAR_WIDTH);
  const left = job.share > 0.05 && job.share < 1
    ? `about ${Math.ceil(elapsedS * (1 / job.share - 1))} s left`
    : "";
  const bars = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
  const stage = job.status === "completed" ? "done" : job.stage || job.status;
  return `${job.title.padEnd(12)} ${bars} ${
    String(Math.round(job.share * 100)).padStart(3)
  } %  ${stage} ${left}`.trimEnd();
}

async function checkAll(client: DemoClient, jobs: DemoJob[], dir: string): Promise<boolean> {
  await Deno.mkdir(dir, { recursive: true });
  const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
  let good = true;
  for (const job of jobs) {
    if (job.status !== "completed") {
      good = false;
      say(`\n${job.title}: ${job.status}. ${job.problem?.message ?? ""}\n`);
      continue;
    }
    const path = `${dir}/${job.title.toLowerCase()}.mp4`;
    const bytes = await client.download(job, path);
    const probe = await media.probe(path);
    const verdict = checkEnds(probe);
    good &&= verdict.passed;
    say(`\n${path}\n  ${describe(probe, bytes)}\n  ${verdict.text}\n`);
  }
  return good;
}

function describe({ video, durationS }: Probe, bytes: number): string {
  const rate = video?.rate ? video.rate.num / video.rate.den : 0;
  const size = video ? `${video.width}×${video.height}` : "no picture";
  return `${(bytes / 1e6).toFixed(2)} MB, ${
    (durationS ?? 0).toFixed(3)
  } s, ${size}, ${rate} frames per second`;
}

/** Sound and picture end within one frame of each other; a film without sound has a picture of the right length. */
function checkEnds({ video, audio, durationS }: Probe): { passed: boolean; text: string } {
  if (!video?.rate || video.frames === null) return { passed: false, text: "no picture: failed" };
  const frameS = video.rate.den / video.rate.num;
  const pictureS = video.frames * frameS;
  const picture = `picture ${pictureS.toFixed(3)} s (${video.frames} frames)`;
  if (!audio) {
    return {
      passed: Math.abs((durationS ?? 0) - pictureS) <= frameS,
      text: `${picture}, no sound in the clip: passed`,
    };
  }
  const soundS = audio.durationS ?? 0;
  const passed = Math.abs(soundS - pictureS) <= frameS;
  return {
    passed,
    text: `${picture}, sound ${soundS.toFixed(3)} s: ${passed ? "equal, passed" : "not equal, failed"}`,
  };
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
