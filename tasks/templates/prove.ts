/** `templates prove`: every mode once on a given ComfyUI, through the studio's API; where it ran is recorded. */
import { openMedia } from "@/adapters/media/mod.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { keyOf, type Mark, writeMarks } from "@/adapters/workflows/own.ts";
import { digestOf } from "@/core/canonical.ts";
import type { Probe } from "@/core/media.ts";
import { type Place, PLACES } from "@/core/places.ts";
import { placesOf } from "@/core/planners/shot.ts";
import { TERMINAL } from "@/core/status.ts";
import type { Manifest, Template } from "@/core/template.ts";
import { newest } from "@/core/workflow/versions.ts";
import { configure, start } from "@/main.ts";
import { SHIPPED } from "@/studio/templates.ts";
import { DemoClient, type DemoJob } from "../demo_client.ts";
import { type Desk, Misused, openDesk, readArgs, say, silent, withServer } from "./desk.ts";

const OPTIONS = {
  comfy: { type: "string" },
  only: { type: "string", multiple: true },
  repository: { type: "boolean" },
} as const;
const LOOK_MS = 500;
const PROVES_NOTHING = 3;

interface Outcome {
  template: Template;
  /** Null where it ran. */
  fault: string | null;
  facts: string;
}

export async function prove(args: string[]): Promise<number> {
  const read = readArgs(args, OPTIONS);
  const url = read.text("comfy");
  if (url === undefined) throw new Misused("Say which ComfyUI: --comfy URL.");
  const desk = await openDesk();
  const templates = chosen(newest(desk.shelf.templates), read.texts("only"));
  const status = await withServer(url, desk.config, (comfy) => comfy.status(AbortSignal.timeout(20_000)));
  const isDraft = status.device.includes("draft renderer");
  await say(`${templates.length} templates on ComfyUI ${status.version}, ${status.device}, at ${url}`);
  const outcomes = await runAll({ desk, url, templates });
  const ran = outcomes.filter(({ fault }) => fault === null).map(({ template }) => template);
  const failed = outcomes.length - ran.length;
  await say(`${ran.length} ran, ${failed} did not.`);
  if (isDraft) {
    await say(
      "This is a draft renderer: it draws without models and proves nothing. Nothing was recorded as verified.",
    );
    return failed > 0 ? 1 : PROVES_NOTHING;
  }
  const date = new Date().toISOString().slice(0, 10);
  await record(desk, ran, {
    mark: { comfyui: status.version, date, gpu: status.device },
    inRepository: read.has("repository"),
  });
  return failed > 0 ? 1 : 0;
}

function chosen(templates: Template[], only: string[]): Template[] {
  const missing = only.find((id) => !templates.some(({ manifest }) => manifest.id === id));
  if (missing !== undefined) throw new Misused(`There is no template "${missing}".`);
  return templates.filter(({ manifest }) =>
    manifest.state !== "pending" && (only.length === 0 || only.includes(manifest.id))
  );
}

/** A studio of its own on a folder that goes, with this server alone and the templates that are here. */
async function runAll(
  { desk, url, templates }: { desk: Desk; url: string; templates: Template[] },
): Promise<Outcome[]> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-prove-" });
  const config = configure({
    ...Deno.env.toObject(),
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: dir,
    DATABASE_URL: "",
    ASSET_STORAGE_ROOT: "",
    TEMPLATES_DIR: desk.folder,
    LOG_LEVEL: "error",
    COMFY_URLS: url,
    DRAFT_URL: "off",
    JOBS_QUEUED_MAX: "1000",
  });
  const running = await start(config, { onFatal: () => Deno.exit(1) });
  try {
    const client = await DemoClient.register(running.url);
    const files = new Map<string, string>();
    const outcomes: Outcome[] = [];
    for (const template of templates) {
      const outcome = await runOne({ client, files, template, dir });
      outcomes.push(outcome);
      const { manifest: { id, version } } = template;
      await say(
        `${outcome.fault === null ? "ran  " : "WRONG"}  ${id} ${version}: ${outcome.fault ?? outcome.facts}`,
      );
    }
    return outcomes;
  } finally {
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

interface Run {
  client: DemoClient;
  /** Ids of the sample files that were brought, by name. */
  files: Map<string, string>;
  template: Template;
  dir: string;
}

async function runOne({ client, files, template, dir }: Run): Promise<Outcome> {
  try {
    const made = await client.create(await requestFor({ client, files, manifest: template.manifest }));
    let job = made;
    while (!TERMINAL.some((status) => status === job.status)) {
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
      job = await client.job(made.id);
    }
    if (job.status !== "completed") return { template, fault: causeOf(job), facts: "" };
    if (
      template.manifest.mode === "finish" &&
      !job.steps?.some(({ phase, asked }) => phase === "finish" && asked)
    ) {
      return {
        template,
        fault: "the server lacks its model, so the film was finished without it",
        facts: "",
      };
    }
    const path = `${dir}/${job.id}.made`;
    await client.download(job, path);
    const media = await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
    const { fault, facts } = judge(await media.probe(path), template.manifest);
    return { template, fault, facts };
  } catch (thrown) {
    return { template, fault: thrown instanceof Error ? thrown.message : String(thrown), facts: "" };
  }
}

/** Why it did not run, in the render server's own words where there are any: whoever proves has to mend it. */
export function causeOf({ problem, status }: Pick<DemoJob, "problem" | "status">): string {
  if (problem === null) return status;
  return problem.operator === undefined ? problem.message : `${problem.message} ${problem.operator}`;
}

/** A film without pictures, or a film that should have sound and has none, is no proof. */
function judge(
  { video, audio }: Probe,
  { delivers, sound }: Manifest,
): { fault: string | null; facts: string } {
  if (video === null) return { fault: "what came back has no picture", facts: "" };
  const facts = `${video.width} × ${video.height}, ${video.frames} frames, ${
    audio ? "with" : "without"
  } sound`;
  const isSilent = delivers === "film" && sound === "own" && audio === null;
  return { fault: isSilent ? "the film has no sound" : null, facts };
}

const SAMPLES = { image: "character.png", video: "drive.mp4", audio: "voice.mp3" } as const;
const PROMPT = "A lighthouse in soft evening light";
/** What a film has to be asked for, so that its work goes through these templates. */
const FINISHING: Record<string, Record<string, unknown>> = {
  frames: { interpolate: 2 },
  size: { upscale: 2 },
};
/** A template that only joins pieces: two short ones of the template whose pieces the server joins. */
const JOINED = {
  mode: "take",
  template: "long_take/render",
  prompt: PROMPT,
  settings: { width: 320, height: 320, frames: 18 },
  take: { chunk: 9, joins: "server" },
};
/** Modes whose planners have needs of their own, whatever their templates say. */
const NEEDS: Record<string, readonly Place[]> = {
  animate: ["groundTruth", "motionVideo"],
  audio: ["groundTruth", "audio"],
  take: [],
};

/** The least that the template can be asked for: its smallest size, its fastest preset, a short film of the samples. */
async function requestFor(
  { client, files, manifest }: { client: DemoClient; files: Map<string, string>; manifest: Manifest },
): Promise<Record<string, unknown>> {
  const { id, mode, submode, size, presets, delivers, length } = manifest;
  if (mode === "finish") {
    const settings = {
      width: 320,
      height: 320,
      seconds: 0.5,
      preset: "fast",
      finish: FINISHING[submode ?? ""],
    };
    return { mode: "wan", submode: "t2v", prompt: PROMPT, settings };
  }
  if (mode === "take" && submode === "combine") return JOINED;
  const needed = NEEDS[mode] ??
    placesOf(manifest).filter(({ input }) => input.required).map(({ place }) => place);
  const assets: Record<string, string | string[]> = {};
  for (const place of needed) {
    const file = await bring(place, { client, files });
    assets[place] = place === "references" ? [file] : file;
  }
  const hasLength = delivers === "film" && (length !== null || Object.hasOwn(NEEDS, mode));
  const settings = {
    width: size.min,
    height: size.min,
    ...(Object.hasOwn(presets, "fast") ? { preset: "fast" } : {}),
    ...(hasLength ? { seconds: length ? Math.max(length.min, 1) : 1 } : {}),
  };
  return { mode, submode, template: id, prompt: PROMPT, assets, settings };
}

async function bring(place: Place, { client, files }: Pick<Run, "client" | "files">): Promise<string> {
  const name = SAMPLES[PLACES[place]];
  const known = files.get(name) ??
    await client.upload(name, new URL(`../../static/samples/${name}`, import.meta.url));
  files.set(name, known);
  return known;
}

async function record(
  { folder }: Desk,
  templates: Template[],
  { mark, inRepository }: { mark: Omit<Mark, "digest">; inRepository: boolean },
): Promise<void> {
  if (templates.length === 0) return;
  if (inRepository) {
    for (const { manifest } of templates) {
      const path = `${SHIPPED}/${manifest.id}/manifest.json`;
      const shipped = await Deno.readTextFile(path).catch(() => null);
      if (shipped === null || JSON.parse(shipped).version !== manifest.version) continue;
      const proved = { ...JSON.parse(shipped), state: "verified", verified: mark };
      await Deno.writeTextFile(path, `${JSON.stringify(proved, null, 2)}\n`);
    }
  }
  const marks = templates.map((template): [string, Mark] => [
    keyOf(template),
    { ...mark, digest: digestOf(template.graph, sha256) },
  ]);
  await writeMarks(folder, Object.fromEntries(marks));
  await say(`Recorded in ${folder}: verified on ComfyUI ${mark.comfyui}, ${mark.gpu}, ${mark.date}.`);
}
