/** The options of `deno task take`, and what is said where they are wrong. */
import { parseArgs } from "node:util";

export interface TakeOptions {
  paths: string[];
  chunk: number | undefined;
  overlap: number | undefined;
  blend: boolean;
  correct: boolean;
  joins: "studio" | "server";
  dryRun: boolean;
  validate: boolean;
  resume: string | undefined;
  keep: boolean;
  /** Finished films go to the bucket of UPLOAD_URL, where one is named. */
  upload: boolean;
  /** The film here goes once it is certain that it arrived. */
  removeLocal: boolean;
  /** What happens to the rented machine after the whole batch. */
  pod: "stop" | "terminate" | null;
  comfy: string[];
  out: string;
  seed: string | undefined;
  preset: string | undefined;
  template: string | undefined;
  size: { width: number; height: number } | undefined;
}

export const USAGE = `deno task take FILE… [options]

Makes a long take of each prompt file. A FILE is a prompt file, a folder or a zip of them.

  --dir D          all prompt files of a folder
  --chunk N        frames of a piece (100)
  --overlap N      frames that a piece repeats of the one before it (0)
  --blend          repeated frames dissolve; without it those of the earlier piece stay
  --join WHO       studio: one encode at the end (usual); server: piece by piece with long_take/combine
  --no-correct     colours of the pieces stay as they came
  --validate       reads the files, plans them, shows the plan; asks no server
  --dry-run        the same, and writes every graph to the folder of --out
  --resume NAME    goes on with this take, or with the failed part of it
  --keep           keeps latents, references and single pieces beside the film
  --no-upload      sends nothing; without it films go to the bucket of UPLOAD_URL, where one is named
  --remove-local   removes the film here once it is certain that it arrived there
  --pod HOW        stop or terminate: what is done to the RunPod machine once all takes have ended
  --comfy URL      a ComfyUI server; give it several times for several. Without it drafts are made
  --out DIR        where films and the studio's data go (takes)
  --size WxH       size of the film
  --seed N         seed of all pieces
  --preset NAME    preset of the template
  --template NAME  another template than long_take/vace_core

Ends with 0 when every take is done, 1 when one failed, 2 when files or options are wrong, 3 when the disk is too full.
`;

/** The options, or a sentence about what is wrong. */
export function readOptions(args: string[]): TakeOptions | string {
  try {
    return read(args);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function read(args: string[]): TakeOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      dir: { type: "string", multiple: true },
      chunk: { type: "string" },
      overlap: { type: "string" },
      blend: { type: "boolean" },
      correct: { type: "boolean" },
      join: { type: "string" },
      "dry-run": { type: "boolean" },
      validate: { type: "boolean" },
      resume: { type: "string" },
      keep: { type: "boolean" },
      upload: { type: "boolean" },
      "remove-local": { type: "boolean" },
      pod: { type: "string" },
      comfy: { type: "string", multiple: true },
      out: { type: "string" },
      seed: { type: "string" },
      preset: { type: "string" },
      template: { type: "string" },
      size: { type: "string" },
    },
  });
  const paths = [...positionals, ...values.dir ?? []];
  if (paths.length === 0 && values.resume === undefined) throw new Error("Name at least one prompt file.");
  return {
    paths,
    chunk: whole("chunk", values.chunk),
    overlap: whole("overlap", values.overlap),
    blend: values.blend ?? false,
    correct: values.correct ?? true,
    joins: joinsOf(values.join),
    dryRun: values["dry-run"] ?? false,
    validate: values.validate ?? false,
    resume: values.resume,
    keep: values.keep ?? false,
    upload: values.upload ?? true,
    removeLocal: values["remove-local"] ?? false,
    pod: podOf(values.pod),
    comfy: values.comfy ?? [],
    out: values.out ?? "takes",
    seed: values.seed,
    preset: values.preset,
    template: values.template,
    size: sizeOf(values.size),
  };
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

function joinsOf(text = "studio"): TakeOptions["joins"] {
  if (text === "studio" || text === "server") return text;
  throw new Error(`--join takes studio or server, not "${text}".`);
}

function podOf(text: string | undefined): TakeOptions["pod"] {
  if (text === undefined || text === "stop" || text === "terminate") return text ?? null;
  throw new Error(`--pod takes stop or terminate, not "${text}".`);
}

function sizeOf(text: string | undefined): TakeOptions["size"] {
  if (text === undefined) return undefined;
  const [, width, height] = /^(\d{2,4})x(\d{2,4})$/.exec(text) ?? [];
  if (width === undefined || height === undefined) {
    throw new Error(`--size is written 832x480, not "${text}".`);
  }
  return { width: Number(width), height: Number(height) };
}
