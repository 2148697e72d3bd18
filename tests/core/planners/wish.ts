/** Requests and files for planner tests: one character, one clip, one recording, sized as the test says. */
import { assert } from "@/tests/assert.ts";
import type { Probe } from "@/core/media.ts";
import type { Plan, PromptStep } from "@/core/plan.ts";
import { type AssetFacts, type PlanContext, planJob, type PlannedJob } from "@/core/planners/mod.ts";
import { type JobRequest, type JobRequestInput, readJobRequest } from "@/core/request.ts";
import { hash, readShelf } from "@/tests/workflows/shelf.ts";

export const IDS = {
  picture: "0190b6f0-0000-7000-8000-00000000000a",
  clip: "0190b6f0-0000-7000-8000-00000000000b",
  voice: "0190b6f0-0000-7000-8000-00000000000c",
  sheet: "0190b6f0-0000-7000-8000-00000000000d",
};

function picture(width: number, height: number): Probe {
  const video = { codec: "png", width, height, rate: null, frames: null, rotation: 0 };
  return {
    kind: "image",
    container: "png",
    durationS: null,
    video: { ...video, variableRate: false, pixelFormat: "rgb24", transfer: "" },
    audio: null,
  };
}

export interface Files {
  clipS?: number;
  clipRate?: { num: number; den: number } | null;
  clipSound?: boolean;
  /** Counted frames of the clip, where its container tells. */
  clipFrames?: number;
  voiceS?: number;
  pictureSize?: [number, number];
}

export async function makeContext(files: Files = {}): Promise<PlanContext> {
  const { templates, definitions } = await readShelf();
  const { clipS = 10, clipRate = { num: 30, den: 1 }, clipSound = true, clipFrames = null, voiceS = 10 } =
    files;
  const [width, height] = files.pictureSize ?? [640, 640];
  const sound = (durationS: number) => ({ codec: "aac", sampleRate: 48000, channels: 2, durationS });
  const assets: [string, AssetFacts][] = [
    [IDS.picture, { sha256: "a".repeat(64), ext: "png", kind: "image", probe: picture(width, height) }],
    [IDS.clip, {
      sha256: "b".repeat(64),
      ext: "mp4",
      kind: "video",
      probe: {
        kind: "video",
        container: "mov,mp4",
        durationS: clipS,
        video: {
          ...picture(1920, 1080).video ?? assertNever(),
          codec: "h264",
          rate: clipRate,
          frames: clipFrames,
          transfer: "bt709",
        },
        audio: clipSound ? sound(clipS) : null,
      },
    }],
    [IDS.voice, {
      sha256: "c".repeat(64),
      ext: "mp3",
      kind: "audio",
      probe: { kind: "audio", container: "mp3", durationS: voiceS, video: null, audio: sound(voiceS) },
    }],
    [IDS.sheet, { sha256: "d".repeat(64), ext: "png", kind: "image", probe: picture(512, 512) }],
  ];
  return {
    templates,
    definitions,
    assets: new Map(assets),
    hash,
    seed: "42",
    autoEngine: "draft",
    limits: { referencesMax: 8, filmSecondsMax: 1800, timeLimitMinS: 60, timeLimitMaxS: 3600 },
  };
}

function assertNever(): never {
  throw new Error("Cannot happen: a picture has a picture");
}

export const MOVE: JobRequestInput = {
  mode: "animate",
  submode: "move",
  prompt: "She dances in the rain",
  assets: { groundTruth: IDS.picture, motionVideo: IDS.clip },
};
export const SPEECH: JobRequestInput = {
  mode: "audio",
  prompt: "He sings",
  assets: { groundTruth: IDS.picture, audio: IDS.voice },
};

export function request(input: JobRequestInput): JobRequest {
  const read = readJobRequest(input);
  assert(read.ok, JSON.stringify(read));
  return read.value;
}

export async function planned(input: JobRequestInput, files: Files = {}): Promise<PlannedJob> {
  const result = planJob(request(input), await makeContext(files));
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

/** The rendered parts of a plan, in order. */
export function chunks(plan: Plan): PromptStep[] {
  return plan.steps.filter((step) => step.kind === "prompt");
}

/** Forms by step, to see which ones a change reaches. */
export function forms(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.steps.map((step) => [step.id, step.form]));
}

/** Ids of steps whose forms differ. */
export function differing(one: Plan, other: Plan): string[] {
  const [a, b] = [forms(one), forms(other)];
  return Object.keys({ ...a, ...b }).filter((id) => a[id] !== b[id]);
}
