/** The join of a long take by the render server: each piece is put behind the film so far, strictly in order. */
import type { FrameRate } from "../media.ts";
import { JOIN_TEMPLATE, type PromptStep, type Step } from "../plan.ts";
import { problem } from "../problem.ts";
import { no, type Result } from "../result.ts";
import type { PlannedJob, ShotReady } from "./context.ts";
import { findTemplate } from "./find.ts";
import { closePlan, describeWork, inputTexts } from "./join.ts";
import type { TakeSums } from "./long_take.ts";
import { passId } from "./long_take_parts.ts";
import { numberOf } from "./parts.ts";
import { fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

/** What the template makes of a piece: so many times the size and the frames, at its own rate. */
const TIMES = 2;
const RATE: FrameRate = { num: 30, den: 1 };

export function joinOnServer(ready: ShotReady, sums: TakeSums, steps: Step[]): Result<PlannedJob> {
  const { context, request, engine } = ready;
  const template = findTemplate(context.templates, {
    mode: "take",
    submode: "combine",
    template: JOIN_TEMPLATE,
  });
  if (!template) return no([problem("template.unknown", { detail: { template: JOIN_TEMPLATE } })]);
  const combines: PromptStep[] = [];
  for (const { number, low, frames } of sums.parts) {
    const first = number === 1;
    const made = makePromptStep({
      id: combineId(number),
      title: `Joining part ${number} of ${sums.parts.length}`,
      template,
      variant: first ? "first" : "next",
      preset: template.manifest.defaultPreset,
      values: {
        piece: { file: fileOf(passId("low", low), "clip") },
        ...(first ? {} : { film: { file: fileOf(combineId(number - 1), "film") } }),
      },
      frames,
      width: sums.size.width,
      height: sums.size.height,
    }, context);
    if (!made.ok) return made;
    combines.push(made.value);
  }
  const join = makeLocalStep({
    id: "join",
    title: "Finishing the film",
    phase: "finish",
    op: "finish_take",
    values: {
      film: { file: fileOf(combineId(sums.parts.length), "film") },
      title: request.title,
      comment: describeWork(ready),
      draft: engine === "draft",
      ...inputTexts(ready),
    },
    weight: 2,
    timeLimitS: 600,
  }, context.hash);
  const frames = sums.parts.reduce((sum, part) => sum + (part.frames - 1) * TIMES + 1, 0);
  const size = {
    width: sums.size.width * TIMES,
    height: sums.size.height * TIMES,
    asked: { width: null, height: null },
  };
  return closePlan(ready, { frames, rate: RATE, size, steps: [...steps, ...combines], notes: [] }, join);
}

function combineId(number: number): string {
  return `combine-${numberOf(number)}`;
}
