/** A prompt file as the request that the studio takes. */
import { type PromptFile, writeDirected } from "@/core/prompt_file.ts";
import type { TakeOptions } from "./options.ts";

/** Tries after the first failure of a step. */
const RETRIES = 3;

export function requestOf(
  file: PromptFile,
  { options, assets }: { options: TakeOptions; assets: { image?: string; video?: string } },
) {
  const { chunk, overlap, blend, correct, joins, seed, preset, template, size, comfy, keep } = options;
  return {
    mode: "take" as const,
    title: file.name,
    prompt: writeDirected(file),
    negativePrompt: file.negative,
    ...(template === undefined ? {} : { template }),
    assets,
    settings: {
      frames: file.frames,
      retries: RETRIES,
      engine: comfy.length > 0 ? "auto" as const : "draft" as const,
      ...(seed === undefined ? {} : { seed }),
      ...(preset === undefined ? {} : { preset }),
      ...size,
    },
    take: {
      ...(chunk === undefined ? {} : { chunk }),
      ...(overlap === undefined ? {} : { overlap }),
      seams: blend ? "blend" as const : "keep" as const,
      correct,
      joins,
      keep,
    },
  };
}
