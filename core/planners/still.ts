/** Plans a picture: one prompt, then its copy for the page and its record. It has no length, no rate and no sound. */
import type { Plan } from "../plan.ts";
import { problem } from "../problem.ts";
import type { Place } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import type { PlannedJob, ShotReady } from "./context.ts";
import { describeWork, inputTexts, listInputs } from "./join.ts";
import { finishing as words } from "../words/finishing.ts";
import { missingFiles, renderShot, unusedNotes } from "./shot.ts";
import { chooseSize, describeSize } from "./size.ts";
import { fileOf, makeLocalStep } from "./steps.ts";

export function planStill(ready: ShotReady): Result<PlannedJob> {
  const { template: { manifest }, context, request, engine } = ready;
  const missing = missingFiles(ready);
  if (missing.length > 0) return no([problem("request.invalid", { fields: missing })]);
  const { width, height } = request.settings;
  const size = chooseSize(manifest.size, {
    picture: ready.files.get(manifest.size.follows as Place)?.probe.video ?? null,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  const shot = renderShot(ready, { length: { rate: { num: 1, den: 1 }, rendered: 1 }, size });
  if (!shot.ok) return shot;
  const finish = makeLocalStep({
    id: "finish",
    title: "Finishing the picture",
    phase: "finish",
    op: "finish_still",
    values: {
      picture: { file: fileOf("shot", "picture") },
      width: size.width,
      height: size.height,
      title: request.title,
      comment: describeWork(ready),
      draft: engine === "draft",
      ...inputTexts(ready),
    },
    weight: 1,
    timeLimitS: 600,
  }, context.hash);
  const sized = describeSize(size, manifest.size, "picture");
  const plan: Plan = {
    v: 1,
    mode: request.mode,
    submode: request.submode,
    engine,
    steps: [...shot.value, finish],
    result: { step: "finish", main: "image", poster: "poster", metadata: "metadata" },
    film: null,
    picture: { width: size.width, height: size.height },
    notes: [...sized === null ? [] : [sized], ...lengthNotes(ready), ...unusedNotes(ready)],
    inputs: listInputs(ready),
  };
  const template = { name: manifest.id, version: manifest.version };
  return ok({ plan, template, size, seed: ready.seed, preset: ready.preset });
}

/** Wishes that only a film can fulfil. They are left over when a person changes the mode, so they are no fault. */
function lengthNotes({ request: { settings } }: ShotReady): string[] {
  const { seconds, frames, frameRate } = settings;
  const finish = Object.values(settings.finish).some((wish) => wish !== undefined && wish !== false)
    ? [words.still]
    : [];
  const isAsked = seconds !== undefined || frames !== undefined || frameRate !== "template";
  const length = isAsked
    ? ["A picture has no length and no frame rate: what you asked for of these is not used."]
    : [];
  return [...length, ...finish];
}
