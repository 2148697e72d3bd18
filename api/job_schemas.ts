/** What a job may be asked for, and what is shown of one: the same schemas parse, type and document. */
import { z } from "@hono/zod-openapi";
import { MARKS } from "@/core/library.ts";
import { Finishing, MODES, Options, TakeWishes } from "@/core/request.ts";
import { STATUSES } from "@/core/status.ts";
import { TAKES_MAX } from "@/core/takes.ts";
import { STEP_STATES } from "@/core/store.ts";
import { ShownProblem } from "./problems.ts";
import { plainText, ProjectRef, Time } from "./schemas.ts";
import { ShownTake } from "./take_schemas.ts";

const SEED_MAX = 2n ** 64n - 1n;
/** 64-bit, as decimal text: a JSON number would lose its last digits. */
export const Seed = z.string("must be a whole number as text").regex(
  /^(0|[1-9]\d{0,19})$/,
  "must be a whole number as text",
)
  .refine((text) => !/^\d{1,20}$/.test(text) || BigInt(text) <= SEED_MAX, `must be at most ${SEED_MAX}`)
  .openapi({ example: "18446744073709551615" });

export const Prompt = plainText(8000).refine((text) => text.trim() !== "", "must not be empty");
export const NegativePrompt = plainText(8000);
export const Title = plainText(200);

const AssetRef = z.uuid("must be the id of an uploaded asset");
const assetOf = (missing: string) =>
  z.uuid({
    error: ({ input }) => input === undefined ? missing : "must be the id of an uploaded asset",
  });
export const Side = z.int().min(64).max(4096);

export const FrameRate = z.union([z.enum(["template", "source"]), z.int().min(1).max(60)], {
  error: "must be template, source or a whole number from 1 to 60",
});

export const Priority = z.int().min(-100).max(100);

/** What may also be changed later. */
const Changeable = {
  width: Side.optional(),
  height: Side.optional(),
  seconds: z.number().min(0.1).max(86_400).optional(),
  frames: z.int().min(1).max(1_000_000).optional(),
  frameRate: FrameRate,
  seed: Seed.optional(),
  preset: z.string().min(1).max(64).optional(),
};

const ONE_LENGTH = { message: "Give the length in seconds or in frames, not both.", path: ["frames"] };
const hasOneLength = (given: { seconds?: number; frames?: number }) =>
  given.seconds === undefined || given.frames === undefined;

export const Settings = z.strictObject({
  ...Changeable,
  frameRate: Changeable.frameRate.default("template"),
  engine: z.enum(["draft", "auto"], "must be draft or auto").default("auto"),
  priority: Priority.default(0),
  retries: z.int().min(0).max(10).optional(),
  stopAfterFirstPass: z.boolean().optional().openapi({
    description: "Of models with two passes: show the first one and wait for `approve` before the second.",
  }),
  options: Options.optional().openapi({
    description: "The template's own settings, as its manifest names them.",
  }),
  finish: Finishing.optional(),
}).refine(hasOneLength, ONE_LENGTH).openapi("JobSettings");

/** Long films take one of these rates; other models say their own bounds. */
const FilmSettings = Settings.refine(
  ({ frameRate }) => typeof frameRate !== "number" || frameRate === 24 || frameRate === 30,
  { message: "must be template, source, 24 or 30", path: ["frameRate"] },
);

export const ChangedSettings = z.strictObject({
  ...Changeable,
  frameRate: Changeable.frameRate.optional(),
}).refine(hasOneLength, ONE_LENGTH).openapi("ChangedSettings");

const GroundTruth = assetOf("is required: a picture of the character").openapi({
  description: "The ground-truth image.",
});
const Extras = {
  references: z.array(AssetRef).max(64).default([]),
  poseSheet: AssetRef.optional().openapi({ description: "Soft guidance; never a control video." }),
};

/** Several seeds, and settings that run through values: every combination is a film. */
export const Sweep = z.strictObject({
  seeds: z.array(Seed).min(1).optional(),
  settings: z.array(z.strictObject({
    name: z.string().regex(/^(options\.)?[A-Za-z][A-Za-z0-9]{0,39}$/, "must be the name of a setting")
      .openapi({
        description:
          "`width`, `height`, `seconds`, `frames`, `frameRate`, `preset`, or `options.` with a name.",
      }),
    values: z.array(z.union([z.string().max(200), z.number(), z.boolean()])).min(1).optional(),
    from: z.number().optional(),
    to: z.number().optional(),
    step: z.number().optional(),
  })).max(8).default([]),
}).openapi("Sweep");

const Common = {
  title: Title.default(""),
  prompt: Prompt.optional().openapi({ description: "Required unless the template says otherwise." }),
  negativePrompt: NegativePrompt.default(""),
  count: z.int().min(1).max(16).default(1).openapi({
    description: "That many jobs with rising seeds, in one batch.",
  }),
  sweep: Sweep.optional().openapi({
    description:
      `Together with \`{a|b}\` in the prompts and the count at most ${TAKES_MAX} jobs, in one batch: all or none.`,
  }),
  start: z.boolean().default(true).openapi({ description: "False: wait for the start command." }),
  projectId: ProjectRef.optional(),
};

const TemplateName = z.string().regex(/^[a-z0-9_]+\/[a-z0-9_]+$/, "must be the name of a template").optional()
  .openapi({ description: "Another template than the mode's usual one." });

export const Animate = z.strictObject({
  mode: z.literal("animate"),
  submode: z.enum(["move", "mix"], "must be move or mix"),
  template: TemplateName,
  assets: z.strictObject({
    groundTruth: GroundTruth,
    motionVideo: assetOf("is required: the clip to follow"),
    ...Extras,
  }),
  settings: FilmSettings.prefault({}),
  ...Common,
}).openapi("AnimateJob");

export const Audio = z.strictObject({
  mode: z.literal("audio"),
  submode: z.null("audio has no submode").default(null),
  template: TemplateName,
  assets: z.strictObject({
    groundTruth: GroundTruth,
    audio: assetOf("is required: the recording to perform"),
    ...Extras,
  }),
  settings: FilmSettings.prefault({}),
  ...Common,
}).openapi("AudioJob");

/** One prompt of any other model: which files and settings it takes is said by its template. */
export const Shot = z.strictObject({
  mode: z.enum(["ltx", "wan", "anime", "custom"]),
  submode: z.string().regex(/^[a-z0-9_]{1,40}$/, "must be the name of a submode").nullable().default(null),
  template: TemplateName,
  assets: z.strictObject({
    image: AssetRef.optional(),
    lastImage: AssetRef.optional(),
    video: AssetRef.optional(),
    audio: AssetRef.optional(),
    groundTruth: AssetRef.optional(),
    motionVideo: AssetRef.optional(),
    ...Extras,
  }).prefault({}),
  settings: Settings.prefault({}),
  ...Common,
}).openapi("ShotJob");

/** A film of any length in pieces that lead on from one another; lines such as `[chunk 3] …` direct single ones. */
export const Take = z.strictObject({
  mode: z.literal("take"),
  submode: z.null("a long take has no submode").default(null),
  template: TemplateName,
  assets: z.strictObject({
    image: AssetRef.optional().openapi({ description: "Whom or what the first piece shows." }),
    video: AssetRef.optional().openapi({ description: "The driving clip." }),
    references: z.array(AssetRef).max(0, "is not used by this mode").default([]),
  }).prefault({}),
  settings: Settings.prefault({}),
  take: TakeWishes.prefault({}),
  ...Common,
}).openapi("TakeJob");

export const NewJobBody = z.discriminatedUnion(
  "mode",
  [Animate, Audio, Take, Shot],
  `must be one of ${MODES.join(", ")}`,
)
  .openapi("NewJob");
export type NewJobBody = z.infer<typeof NewJobBody>;

export const ShownOutput = z.object({
  id: z.string(),
  type: z.string(),
  mime: z.string(),
  url: z.string(),
  downloadUrl: z.string(),
  posterUrl: z.string().nullable(),
  draft: z.boolean(),
  createdAt: Time,
}).openapi("Output");

export const ShownProgress = z.object({
  jobId: z.string(),
  run: z.int(),
  share: z.number().openapi({ description: "0 to 1 over the whole job." }),
  stage: z.string(),
  step: z.object({ id: z.string(), title: z.string(), share: z.number() }).nullable(),
  at: z.object({
    title: z.string(),
    number: z.int(),
    of: z.int(),
    step: z.object({ value: z.number(), max: z.number() }).nullable(),
  }).nullable().openapi({ description: "The stage of a render, and the step of the sampler in it." }),
  etaSeconds: z.number().nullable(),
  previewUrl: z.string().nullable(),
}).openapi("Progress");

const ShownResult = z.object({
  type: z.string().openapi({ description: "`film` or `image`." }),
  url: z.string(),
  downloadUrl: z.string(),
  posterUrl: z.string().nullable(),
  seconds: z.number().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
}).openapi("Result");

export const ShownJob = z.object({
  id: z.string(),
  mode: z.string(),
  submode: z.string().nullable(),
  title: z.string(),
  prompt: z.string(),
  negativePrompt: z.string(),
  template: z.object({ name: z.string(), version: z.string() }),
  engine: z.enum(["draft", "comfy"]),
  draft: z.boolean().openapi({ description: "Made by the draft renderer: not a finished film." }),
  settings: z.object({
    width: z.int().optional(),
    height: z.int().optional(),
    seconds: z.number().optional(),
    frames: z.int().optional(),
    frameRate: z.union([z.string(), z.number()]),
    seed: z.string(),
    preset: z.string().optional(),
    engine: z.string(),
    priority: z.int(),
    retries: z.int().optional(),
    stopAfterFirstPass: z.boolean().optional(),
    options: Options.optional(),
    finish: Finishing.optional(),
  }),
  assets: z.array(z.object({ role: z.string(), assetId: z.string(), used: z.boolean() })),
  softGuidance: z.array(z.string()).openapi({ description: "Assets that guide loosely: the pose sheet." }),
  batchId: z.string().nullable(),
  parentId: z.string().nullable(),
  draftId: z.string().nullable().openapi({ description: "The draft that this is the final film of." }),
  projectId: z.string().nullable(),
  mark: z.enum(MARKS).nullable(),
  status: z.enum(STATUSES),
  stage: z.string(),
  heldBack: z.boolean().openapi({ description: "It waits for the end of maintenance; `stage` says so." }),
  paused: z.boolean(),
  cancelling: z.boolean(),
  run: z.int(),
  rev: z.int(),
  share: z.number(),
  problem: ShownProblem.nullable(),
  parts: z.object({
    total: z.int(),
    done: z.int(),
    failed: z.int(),
    states: z.array(z.enum(["todo", "now", "done", "failed"])),
  }).openapi({ description: "The rendered pieces, in the order of the film." }),
  retakes: z.array(z.string()).openapi({ description: "Steps whose new take waits for `follow`." }),
  approvals: z.array(z.object({ step: z.string(), take: z.int() })).openapi({
    description: "Steps whose take is there and waits for `approve`.",
  }),
  progress: ShownProgress.nullable().openapi({ description: "Only while the job is under way." }),
  result: ShownResult.nullable().openapi({
    description: "The film or the picture as it is now, of the newest run.",
  }),
  priority: z.int(),
  createdAt: Time,
  updatedAt: Time,
  endedAt: Time.nullable(),
  trashedAt: Time.nullable(),
}).openapi("Job");

export const ShownStep = z.object({
  id: z.string(),
  title: z.string(),
  phase: z.enum(["prepare", "render", "finish"]),
  weight: z.number(),
  take: z.int(),
  chosen: z.boolean(),
  stale: z.boolean(),
  state: z.enum(STEP_STATES),
  attempt: z.int(),
  run: z.int(),
  problem: ShownProblem.nullable(),
  asked: z.object({ prompt: z.string(), negativePrompt: z.string(), seed: z.string(), preset: z.string() })
    .nullable().openapi({ description: "Of render steps: what the current plan asks for." }),
  files: z.array(z.object({
    role: z.string(),
    ord: z.int(),
    mime: z.string(),
    sizeBytes: z.int(),
    url: z.string(),
  })),
  startedAt: Time.nullable(),
  endedAt: Time.nullable(),
}).openapi("Step");

export const ShownEvent = z.object({
  seq: z.int(),
  jobId: z.string(),
  at: Time,
  type: z.string(),
  message: z.string(),
  payload: z.record(z.string(), z.unknown()),
}).openapi("JobEvent");

const Count = z.int().positive();
const Relative = z.object({ id: z.string(), title: z.string(), status: z.enum(STATUSES) }).openapi(
  "Relative",
);

export const ShownJobDetail = ShownJob.extend({
  film: z.object({
    frames: Count,
    rate: z.object({ num: Count, den: Count }),
    width: Count,
    height: Count,
  }).nullable().openapi({ description: "What will be delivered, known before anything runs." }),
  notes: z.array(z.string()).openapi({ description: "What was adapted, in sentences." }),
  newerTemplate: z.string().nullable().openapi({
    description: "The version that its template has by now, where that is a newer one.",
  }),
  size: z.object({
    asked: z.object({ width: Count.nullable(), height: Count.nullable() }),
    rendered: z.object({ width: Count, height: Count }).nullable(),
  }).openapi({ description: "Pixels as asked for and as they will be." }),
  finishing: z.array(z.tuple([z.string(), z.string()])).openapi({
    description: "What was done to the joined film, and by which means: names and values.",
  }),
  loop: z.object({ value: z.number().nullable(), method: z.string() }).nullable().openapi({
    description: "Of loops: how well the end meets the beginning, and how that is measured.",
  }),
  letGo: z.object({
    at: z.string(),
    files: z.int(),
    bytes: z.number(),
    seconds: z.number().openapi({ description: "What all its parts took on servers." }),
  }).nullable().openapi({
    description:
      "When the studio let go of files that it was made from. Takes of its parts that are gone name no file.",
  }),
  take: ShownTake.nullable().openapi({ description: "Of long takes: the pieces and how they meet." }),
  lighter: z.object({ name: z.string(), title: z.string() }).nullable().openapi({
    description: "The preset to `retry` with, where the job failed for want of memory.",
  }),
  kin: z.object({
    draft: Relative.nullable().openapi({ description: "The draft that this is the final film of." }),
    finals: z.array(Relative).openapi({ description: "The final films of this draft, newest first." }),
  }),
  promotable: z.boolean().openapi({ description: "A complete draft, and there is a render server." }),
  stages: z.array(z.object({ status: z.enum(STATUSES), from: Time, to: Time.nullable() })).openapi({
    description: "The way of this run, in order; the last has no end while it lasts.",
  }),
  steps: z.array(ShownStep),
  outputs: z.array(ShownOutput),
  events: z.array(ShownEvent).openapi({ description: "The newest hundred; the rest at /events." }),
}).openapi("JobDetail");
