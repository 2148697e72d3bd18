/** What a graph can take in, and the names by which people and other tools mark the nodes that take it. */
import type { InputKind, TemplateInput } from "../../template.ts";
import type { z } from "zod";

export interface Role {
  kind: z.infer<typeof InputKind>;
  role: TemplateInput["role"];
  title: string;
  /** Names that mean this role, in lower case with `_` between words. */
  tags: string[];
  /** Inputs of a marked node that may take it, the likeliest first. */
  inputs: string[];
}

const picture = (title: string, tags: string[]): Role => ({
  kind: "image",
  role: "asset",
  title,
  tags,
  inputs: ["image", "url", "default_value"],
});
const clip = (title: string, tags: string[]): Role => ({
  kind: "video",
  role: "asset",
  title,
  tags,
  inputs: ["file", "video", "url", "default_value"],
});
const side = (title: string, role: Role["role"], tags: string[], inputs: string[]): Role => ({
  kind: "int",
  role,
  title,
  tags,
  inputs: [...inputs, "value", "default_value", "Xi"],
});

const TEXTS = ["text", "prompt", "value", "string", "text_g", "text_l", "clip_l", "t5xxl", "default_value"];

export const ROLES: Record<string, Role> = {
  prompt: {
    kind: "text",
    role: "setting",
    title: "Prompt",
    tags: ["prompt", "positive", "positive_prompt", "pos", "prompt_text", "text_prompt", "input_text"],
    inputs: TEXTS,
  },
  negativePrompt: {
    kind: "text",
    role: "setting",
    title: "Negative prompt",
    tags: ["negative_prompt", "negative", "neg", "neg_prompt"],
    inputs: TEXTS,
  },
  image: picture("First picture", [
    "image",
    "input_image",
    "first_image",
    "first_frame",
    "first_picture",
    "start_image",
    "start_frame",
    "init_image",
    "source_image",
    "reference_image",
  ]),
  lastImage: picture("Last picture", [
    "last_image",
    "last_frame",
    "last_picture",
    "end_image",
    "end_frame",
    "tail_image",
  ]),
  groundTruth: picture("Character", ["ground_truth", "character", "character_image", "subject"]),
  poseSheet: picture("Pose picture", ["pose_sheet", "pose", "pose_image", "pose_picture", "openpose"]),
  references: {
    ...picture("Further pictures", ["references", "reference_images", "input_images"]),
    kind: "images",
  },
  video: clip("Clip", ["video", "clip", "input_video", "source_video", "control_video"]),
  motionVideo: clip("Driving clip", ["motion_video", "driving_video", "drive", "driving_clip"]),
  audio: {
    kind: "audio",
    role: "asset",
    title: "Recording",
    tags: ["audio", "input_audio", "recording", "voice", "speech", "sound", "song"],
    inputs: ["audio", "url", "default_value"],
  },
  width: side("Width", "setting", ["width"], ["width", "resize_type.width", "custom_width"]),
  height: side("Height", "setting", ["height"], ["height", "resize_type.height", "custom_height"]),
  halfWidth: side("Half the width", "plan", ["half_width"], ["width", "resize_type.width"]),
  halfHeight: side("Half the height", "plan", ["half_height"], ["height", "resize_type.height"]),
  frames: side("Frames", "plan", ["frames", "length", "num_frames", "frame_count", "frames_number"], [
    "length",
    "frames_number",
    "num_frames",
    "batch_size",
  ]),
  seconds: {
    kind: "number",
    role: "plan",
    title: "Seconds",
    tags: ["seconds", "duration", "duration_seconds"],
    inputs: ["duration", "seconds", "value", "default_value", "Xi"],
  },
  rate: {
    kind: "number",
    role: "setting",
    title: "Frames per second",
    tags: ["rate", "fps", "frame_rate", "framerate"],
    inputs: ["fps", "frame_rate", "value", "default_value", "Xi"],
  },
  seed: {
    kind: "seed",
    role: "setting",
    title: "Seed",
    tags: ["seed", "noise_seed", "noise"],
    inputs: ["seed", "noise_seed", "value", "default_value"],
  },
};

/** Names that mark the node whose files are the result. */
const OUTPUTS = ["output", "save", "result", "final", "main_output"];
export const OUTPUT = "output";

export interface Tag {
  /** A name in `ROLES`, or `output`. */
  role: string;
  /** The input that the tag itself names, as `$prompt.text` does. */
  input?: string;
}

const BY_NAME = new Map([
  ...Object.entries(ROLES).flatMap(([role, { tags }]) => tags.map((tag) => [tag, role] as const)),
  ...OUTPUTS.map((tag) => [tag, OUTPUT] as const),
]);

/** `lastImage`, `Last image` and `last-image` are one name. */
function plain(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/** Marks that other tools put round a name or before it. */
const MARKS = [
  /%([\w.-]+)%/,
  /\{\{\s*([\w.-]+)\s*\}\}/,
  /\$\{\s*([\w.-]+)\s*\}/,
  /\[\s*([\w .-]+?)\s*\]/,
  /<\s*([\w.-]+)\s*>/,
  /[$#@]([A-Za-z][\w.]*)/,
  /^(?:ARCREEL|ROLE|INPUT|PARAM(?:_(?:STR|INT|FLOAT))?|VC_BASIC|VC_ADV)[:_\s-]+(\S.*)$/i,
];

/** The role that a node's title names: as a mark anywhere in it, or by being nothing but the name. */
export function readTag(title: string): Tag | null {
  for (const mark of MARKS) {
    const found = mark.exec(title)?.[1];
    const tag = found === undefined ? null : tagOf(found);
    if (tag) return tag;
  }
  const role = BY_NAME.get(plain(title));
  return role === undefined ? null : { role };
}

/** The role that stands in a value's place, such as `%prompt%`; a value of plain words is a value. */
export function readPlaceholder(value: unknown): string | null {
  if (
    typeof value !== "string" || value.length > 60 || /^[\w\s]*$/.test(value) && !value.startsWith("PARAM_")
  ) {
    return null;
  }
  for (const mark of MARKS) {
    const found = mark.exec(value);
    const tag = found && found[0] === value.trim() && found[1] !== undefined ? tagOf(found[1]) : null;
    if (tag && tag.role !== OUTPUT) return tag.role;
  }
  return null;
}

function tagOf(text: string): Tag | null {
  const [name = "", ...rest] = text.split(".");
  const role = BY_NAME.get(plain(name));
  if (role === undefined) return null;
  return rest.length > 0 && role !== OUTPUT ? { role, input: rest.join(".") } : { role };
}

/** Node families of other tools that say what they take in: the input that holds the name. */
const OUTSIDE: [RegExp, string][] = [[/^ComfyUIDeployExternal/, "input_id"], [/^ServingInput/, "argument"]];

/** The name that a node of such a family gives itself. */
export function outsideName(node: { class_type: string; inputs: Record<string, unknown> }): string | null {
  const input = OUTSIDE.find(([family]) => family.test(node.class_type))?.[1];
  const name = input === undefined ? undefined : node.inputs[input];
  return typeof name === "string" ? name : null;
}
