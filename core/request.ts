/** What a person asks for: one job of one mode. The schema that the API, the form and the planners share. */
import { z } from "zod";
import { Id } from "./ids.ts";
import { type FieldNote, problem } from "./problem.ts";
import { no, ok, type Result } from "./result.ts";

export const PROMPT_MAX = 8000;

/** Families of templates. A new model is a folder whose manifest names one of them; `custom` is for imported graphs. */
export const MODES = ["animate", "audio", "take", "ltx", "wan", "anime", "custom"] as const;
export const Mode = z.enum(MODES, `must be one of ${MODES.join(", ")}`);
export type Mode = z.infer<typeof Mode>;
/** Modes of one prompt: what they take is said by their templates alone. */
export const SHOT_MODES: readonly Mode[] = ["ltx", "wan", "anime", "custom"];

// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;

/** Line ends as `\n`, control characters and outer blanks gone: what a text encoder would stumble over. */
function cleanText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(CONTROLS, "").trim();
}

function words(max: number) {
  return z.string("must be text")
    .refine((text) => text.isWellFormed(), "must be valid Unicode")
    .transform(cleanText)
    .pipe(z.string().max(max, `must be at most ${max} characters`));
}

/** Decimal text from 0 to 2^64 − 1; 0 is a seed like any other. */
export const Seed = z.string("must be a number as text")
  .regex(/^\d{1,20}$/, "must be a whole number as text")
  .refine((seed) => BigInt(seed) < 2n ** 64n, "must be at most 18446744073709551615")
  .transform((seed) => BigInt(seed).toString());

const AssetRef = z.string("must be the id of a file")
  .refine((id) => Id.safeParse(id).success, "must be the id of a file");

export const RequestAssets = z.strictObject({
  groundTruth: AssetRef.optional(),
  motionVideo: AssetRef.optional(),
  audio: AssetRef.optional(),
  references: z.array(AssetRef).default([]),
  poseSheet: AssetRef.optional(),
  /** Of shots: the picture to begin with or to follow, the one to end with, and a clip. */
  image: AssetRef.optional(),
  lastImage: AssetRef.optional(),
  video: AssetRef.optional(),
});

export { type Place, PLACES } from "./places.ts";

/** Work on the finished film that any mode may ask for. */
export const Finishing = z.strictObject({
  /** Twice or four times the frames per second, the new ones made between the old. */
  interpolate: z.union([z.literal(2), z.literal(4)], "must be 2 or 4").optional(),
  /** Twice or four times the width and height. */
  upscale: z.union([z.literal(2), z.literal(4)], "must be 2 or 4").optional(),
  /** Sound brought to −14 LUFS. */
  loudness: z.boolean().optional(),
  /** Seconds of the film that are kept. */
  trim: z.strictObject({ start: z.number().min(0), end: z.number().positive() })
    .refine(({ start, end }) => end > start, { message: "must end after it starts", path: ["end"] })
    .optional(),
});
export type Finishing = z.infer<typeof Finishing>;

/** A template's own settings by name: judged against its manifest. */
export const Options = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/, "must be the name of a setting"),
  z.union([z.string().max(200), z.number(), z.boolean()], "must be text, a number, true or false"),
);

export const RequestSettings = z.strictObject({
  /** Pixels as wished; the plan snaps them to what the model can do. */
  width: z.int("must be a whole number").min(64).max(4096).optional(),
  height: z.int("must be a whole number").min(64).max(4096).optional(),
  frameRate: z.union(
    [z.enum(["template", "source"]), z.int().min(1).max(60)],
    "must be template, source or a whole number from 1 to 60",
  )
    .default("template"),
  /** The film ends here at the latest; one of the two, or none for the whole clip or recording. */
  seconds: z.number("must be a number").positive("must be more than 0").optional(),
  frames: z.int("must be a whole number").positive("must be at least 1").optional(),
  seed: Seed.optional(),
  preset: z.string().min(1).max(64).optional(),
  /** `auto`: a real server if one is configured, else the draft renderer. */
  engine: z.enum(["draft", "auto"], "must be draft or auto").default("auto"),
  priority: z.int().min(-100).max(100).default(0),
  /** Tries after the first failure of a step; without it the studio's own number. */
  retries: z.int().min(0).max(10).optional(),
  /** Of models with two passes: the first is shown, and the second begins when a person says so. */
  stopAfterFirstPass: z.boolean("must be true or false").optional(),
  options: Options.default({}),
  finish: Finishing.default({}),
});

/** How a long take is cut into pieces and put together again. */
export const TakeWishes = z.strictObject({
  /** Frames of a piece. */
  chunk: z.int("must be a whole number").min(1, "must be at least 1").max(1024, "must be at most 1024")
    .default(100),
  /** Frames that a piece repeats of the one before it. */
  overlap: z.int("must be a whole number").min(0, "must be at least 0").max(200, "must be at most 200")
    .default(0),
  /** Of frames that two pieces share: those of the earlier piece stay, or one passes into the other. */
  seams: z.enum(["keep", "blend"], "must be keep or blend").default("keep"),
  /** Who joins: the studio in one encode, or the render server piece by piece, larger and with frames between. */
  joins: z.enum(["studio", "server"], "must be studio or server").default("studio"),
  /** Colours and contrast of each piece are matched to those before it. */
  correct: z.boolean("must be true or false").default(true),
  /** Pieces and latents stay after the film is there; otherwise another take of a piece renders what it needs again. */
  keep: z.boolean("must be true or false").default(true),
}).refine(({ chunk, overlap }) => overlap < chunk, {
  message: "must be less than the frames of a part",
  path: ["overlap"],
});
export type TakeWishes = z.infer<typeof TakeWishes>;

const Fields = z.strictObject({
  mode: Mode,
  submode: z.string().regex(/^[a-z0-9_]{1,40}$/, "must be the name of a submode").nullable().default(null),
  /** A template other than the one that the mode takes by itself. */
  template: z.string().regex(/^[a-z0-9_]+\/[a-z0-9_]+$/, "must be the name of a template").optional(),
  prompt: words(PROMPT_MAX).default(""),
  /** Blank: the template's own. */
  negativePrompt: words(PROMPT_MAX).default(""),
  title: words(200).default(""),
  assets: RequestAssets.prefault({}),
  settings: RequestSettings.prefault({}),
  /** Of long takes alone. */
  take: TakeWishes.optional(),
});

/** Rules that need no template: which mode takes which files and submode. */
export const JobRequest = Fields.superRefine((request, context) => {
  const { mode, submode, assets, settings } = request;
  const note = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (settings.seconds !== undefined && settings.frames !== undefined) {
    note(["settings", "frames"], "Give the length in seconds or in frames, not both.");
  }
  if (mode === "take") return noteTake(request, note);
  if (request.take !== undefined) note(["take"], "is not a field of this mode");
  if (SHOT_MODES.includes(mode)) return;
  for (const place of ["image", "lastImage", "video"] as const) {
    if (assets[place] !== undefined) note(["assets", place], "is not a field of this mode");
  }
  if (assets.groundTruth === undefined) note(["assets", "groundTruth"], "Add a picture of your character.");
  if (
    typeof settings.frameRate === "number" && mode === "animate" && ![24, 30].includes(settings.frameRate)
  ) {
    note(["settings", "frameRate"], "must be template, source, 24 or 30");
  }
  if (mode === "animate") {
    if (submode !== "move" && submode !== "mix") note(["submode"], "Choose move or mix.");
    if (assets.motionVideo === undefined) {
      note(["assets", "motionVideo"], "Add the clip that your character follows.");
    }
    if (assets.audio !== undefined) {
      note(["assets", "audio"], "Animate takes its sound from the driving clip.");
    }
  } else {
    if (submode !== null) note(["submode"], "A performance has no submode.");
    if (assets.audio === undefined) {
      note(["assets", "audio"], "Add the recording that your character performs.");
    }
    if (assets.motionVideo !== undefined) {
      note(["assets", "motionVideo"], "A performance takes no driving clip.");
    }
    if (settings.frameRate !== "template") {
      note(["settings", "frameRate"], "A performance always has the frame rate of its model.");
    }
  }
});

function noteTake(
  { submode, assets, settings }: z.infer<typeof Fields>,
  note: (path: string[], message: string) => void,
): void {
  if (submode !== null) note(["submode"], "A long take has no submode.");
  for (const place of ["groundTruth", "motionVideo", "poseSheet", "lastImage", "audio"] as const) {
    if (assets[place] !== undefined) note(["assets", place], "is not a field of this mode");
  }
  if (assets.references.length > 0) note(["assets", "references"], "is not a field of this mode");
  if (settings.frameRate !== "template") {
    note(["settings", "frameRate"], "A long take always has the frame rate of its model.");
  }
}

export type JobRequest = z.infer<typeof JobRequest>;
export type JobRequestInput = z.input<typeof Fields>;
export type RequestSettings = z.infer<typeof RequestSettings>;

/** What a retake or an edit may change of a rendered part. A blank negative prompt means the template's own. */
export const StepChanges = z.strictObject({
  prompt: words(PROMPT_MAX).optional(),
  negativePrompt: words(PROMPT_MAX).optional(),
  seed: Seed.optional(),
  preset: z.string().min(1).max(64).optional(),
  /** Of a piece of a long take with other words: it keeps to the colours of the pieces before it. */
  sameLook: z.boolean().optional(),
});
export type StepChanges = z.infer<typeof StepChanges>;

/** Parses and judges a request; every wrong field is named with its path. */
export function readJobRequest(raw: unknown): Result<JobRequest> {
  const parsed = JobRequest.safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  return no([problem("request.invalid", { fields: notesOfIssues(parsed.error.issues) })]);
}

/** The wrong fields in plain words, by path. */
export function notesOfIssues(issues: z.core.$ZodIssue[]): FieldNote[] {
  return issues.flatMap(notesOf);
}

function notesOf(issue: z.core.$ZodIssue): FieldNote[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const prefix = path === "" ? "" : `${path}.`;
    return issue.keys.map((key) => ({ path: `${prefix}${key}`, message: "is not a field of this request" }));
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return [{ path, message: "is required" }];
  return [{ path, message: issue.message }];
}
