/** What was done to a finished film, told from the facts that are kept with it. */
import { z } from "zod";
import type { ShownJobDetail } from "@/core/shown.ts";
import { finishing as words } from "@/core/words/finishing.ts";
import type { OutputRecord } from "./studio.ts";

const Facts = z.looseObject({
  durationS: z.number().catch(0),
  trimStartS: z.number().optional(),
  interpolate: z.number().optional(),
  interpolateMethod: z.string().catch(""),
  upscale: z.number().optional(),
  upscaleMethod: z.string().catch(""),
  loudnessBefore: z.number().optional(),
  loudnessAfter: z.number().optional(),
  loudnessSilent: z.boolean().optional(),
});

/** Of the newest film, in the order in which it was done. */
export function showFinishing([newest]: Pick<OutputRecord, "metadata">[]): ShownJobDetail["finishing"] {
  const read = Facts.safeParse(newest?.metadata ?? {});
  if (!read.success) return [];
  const { names, done } = words;
  const facts = read.data;
  const { trimStartS, interpolate, upscale, loudnessBefore, loudnessAfter, loudnessSilent } = facts;
  const lines: [string, string | null][] = [
    [names.trim, trimStartS === undefined ? null : done.trim(trimStartS, facts.durationS)],
    [names.interpolate, interpolate ? done.interpolate(interpolate, facts.interpolateMethod) : null],
    [names.upscale, upscale ? done.upscale(upscale, facts.upscaleMethod) : null],
    [
      names.loudness,
      loudnessSilent
        ? done.silent
        : loudnessBefore === undefined || loudnessAfter === undefined
        ? null
        : done.loudness(loudnessBefore, loudnessAfter),
    ],
  ];
  return lines.flatMap(([name, value]) => value === null ? [] : [[name, value]]);
}
