/** Plans a shot: its files made even, one prompt, cut to the exact length with its sound. The template says what it takes. */
import type { FrameRate } from "../media.ts";
import type { PromptStep, Step, Value } from "../plan.ts";
import { type FieldNote, problem } from "../problem.ts";
import { type Place, PLACES } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import type { Manifest, TemplateInput } from "../template.ts";
import { shots as words } from "../words/shots.ts";
import type { AssetFacts, PlannedJob, ShotReady } from "./context.ts";
import { finishPlan, refuseLength } from "./join.ts";
import { ownOptions, ownSettings } from "./options.ts";
import { makePasses, wholeOf } from "./passes.ts";
import { chooseSize, type FilmSize } from "./size.ts";
import { assetOf, fileOf, makeLocalStep, makePromptStep } from "./steps.ts";

/** How long a shot is: what is delivered, and the frames that the model's rule makes of it. */
export interface ShotLength {
  rate: FrameRate;
  delivered: number;
  rendered: number;
  notes: string[];
}

export function planShot(ready: ShotReady): Result<PlannedJob> {
  const { template: { manifest }, context, request } = ready;
  const missing = missingFiles(ready);
  if (missing.length > 0) return no([problem("request.invalid", { fields: missing })]);
  const length = chooseLength(ready);
  if (!length.ok) return length;
  const { rate, delivered } = length.value;
  const tooLong = refuseLength({
    wish: request.settings,
    frames: delivered,
    rate,
    steps: 4,
    secondsMax: context.limits.filmSecondsMax,
  });
  if (tooLong) return tooLong;
  const { width, height } = request.settings;
  const size = chooseSize(manifest.size, {
    picture: ready.files.get(manifest.size.follows as Place)?.probe.video ?? null,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  const steps = prepareFiles(ready, length.value);
  const shot = renderShot(ready, { length: length.value, size });
  if (!shot.ok) return shot;
  return finishPlan(ready, {
    frames: delivered,
    rate,
    size,
    steps: [...steps, ...shot.value],
    clips: ["shot"],
    sound: soundOf(ready),
    notes: [
      ...length.value.notes,
      ...unusedNotes(ready),
      ...heavyNotes(manifest, size, delivered * rate.den / rate.num),
      ...describeLength(length.value),
    ],
  });
}

/** The places of a template's files, with the input that each fills. */
export function placesOf(manifest: Manifest): { name: string; place: Place; input: TemplateInput }[] {
  return Object.entries(manifest.inputs).flatMap(([name, input]) => {
    const place = input.place ?? name;
    return input.role === "asset" && isPlace(place) ? [{ name, place, input }] : [];
  });
}

function isPlace(name: string): name is Place {
  return Object.hasOwn(PLACES, name);
}

export function missingFiles(ready: ShotReady): FieldNote[] {
  const { template: { manifest }, files, references } = ready;
  return placesOf(manifest).flatMap(({ name, place, input }) => {
    const isThere = place === "references" ? references.length > 0 : files.has(place);
    if (isThere) return [];
    const path = `assets.${place}`;
    if (input.required) return [{ path, message: words.add(PLACES[place], input.title) }];
    const asking = askingFor(name, ready).find(({ isOn }) => isOn);
    return asking ? [{ path, message: words.addFor(input.title, asking.title) }] : [];
  });
}

/** The settings that can ask for this file, and whether they do. */
function askingFor(file: string, { template: { manifest }, request: { settings } }: ShotReady) {
  return ownSettings(manifest).flatMap(([name, { title, asks = {}, default: usual }]) => {
    if (!Object.values(asks).includes(file)) return [];
    const answer = settings.options[name] ?? usual;
    return [{ title, isOn: asks[String(answer)] === file }];
  });
}

/** Files that the model has no place for, and those that a setting leaves alone. */
export function unusedNotes(ready: ShotReady): string[] {
  const { template: { manifest }, files, references } = ready;
  const places = placesOf(manifest);
  const used = new Map(places.map(({ place, input }) => [place, input.effect !== null]));
  const given: Place[] = [...files.keys(), ...(references.length > 0 ? ["references" as const] : [])];
  const extra = given.filter((place) => !used.get(place));
  const idle = places.flatMap(({ name, place, input }) => {
    const asking = files.has(place) ? askingFor(name, ready) : [];
    const [first] = asking;
    return first && !asking.some(({ isOn }) => isOn) ? [words.idle(input.title, first.title)] : [];
  });
  return [...extra.length === 0 ? [] : [words.unused(extra.length)], ...idle];
}

/** Work that may be too much for the memory of a card, or take very long. */
function heavyNotes({ heavy }: Manifest, { width, height }: FilmSize, seconds: number): string[] {
  if (heavy === null) return [];
  return [
    ...(width * height > heavy.pixels ? [words.heavySize(width, height)] : []),
    ...(seconds > heavy.seconds ? [words.heavyLength(heavy.seconds)] : []),
  ];
}

/**
 * A wish in seconds is met to the frame: the model renders as many frames as its rule allows from there upwards, and the
 * film is cut. A wish in frames is snapped to the nearest number that the rule allows.
 */
function chooseLength(ready: ShotReady): Result<ShotLength> {
  const { template: { manifest }, request: { settings } } = ready;
  const { frames: rule, length } = manifest;
  if (!rule) {
    return no([problem("template.invalid", { operator: `Template "${manifest.id}" has no frame rule` })]);
  }
  const rate = chooseRate(ready, rule.rate);
  if (!rate.ok) return rate;
  const fps = rate.value.num / rate.value.den;
  if (!length) {
    const fixed = rule.first;
    const asked = settings.seconds !== undefined || settings.frames !== undefined;
    const notes = asked ? [`This model always makes ${fixed} frames.`] : [];
    return ok({ rate: rate.value, delivered: fixed, rendered: fixed, notes });
  }
  const whole = length.follows === undefined ? null : secondsOf(ready.files.get(length.follows as Place));
  const notes =
    whole !== null && whole > length.max && settings.seconds === undefined && settings.frames === undefined
      ? [`Only the first ${length.max} seconds are used.`]
      : [];
  const wished = settings.frames === undefined ? settings.seconds : settings.frames / fps;
  const least = Math.min(length.min, whole ?? length.min);
  if (wished !== undefined && (wished > length.max + 1e-9 || wished < least - 1e-9)) {
    const path = settings.frames === undefined ? "settings.seconds" : "settings.frames";
    const [from, to] = settings.frames === undefined
      ? [`${least}`, `${length.max} seconds`]
      : [`${Math.ceil(least * fps)}`, `${Math.floor(length.max * fps)} frames`];
    return no([problem("request.invalid", { fields: [{ path, message: `must be from ${from} to ${to}` }] })]);
  }
  if (settings.frames !== undefined) {
    const rendered = snapFrames(settings.frames, rule.rule, "nearest");
    return ok({ rate: rate.value, delivered: rendered, rendered, notes });
  }
  const seconds = Math.min(length.max, wished ?? whole ?? length.seconds, whole ?? Infinity);
  const delivered = Math.max(1, Math.round(seconds * fps));
  return ok({ rate: rate.value, delivered, rendered: snapFrames(delivered, rule.rule, "up"), notes });
}

const RULES = {
  "8n+1": { step: 8, least: 9 },
  "4n+1": { step: 4, least: 5 },
  any: { step: 1, least: 1 },
} as const;

/** A number of frames that a model can make: 8n + 1 from 9, 4n + 1 from 5, or any. */
export function snapFrames(frames: number, rule: keyof typeof RULES, to: "up" | "nearest"): number {
  const { step, least } = RULES[rule];
  const base = step === 1 ? 0 : 1;
  const steps = (frames - base) / step;
  return Math.max(least, (to === "up" ? Math.ceil(steps) : Math.round(steps)) * step + base);
}

function chooseRate({ template: { manifest }, request, files }: ShotReady, usual: number): Result<FrameRate> {
  const wish = request.settings.frameRate;
  const own = Number.isInteger(usual) ? { num: usual, den: 1 } : { num: Math.round(usual) * 1000, den: 1001 };
  if (wish === "template") return ok(own);
  const refuse = (message: string) =>
    no([problem("request.invalid", { fields: [{ path: "settings.frameRate", message }] })]);
  const input = manifest.inputs.rate;
  if (!input) return refuse("This model has one frame rate.");
  const { min = 1, max = 60 } = input;
  const rate = wish === "source" ? files.get("video")?.probe.video?.rate ?? null : { num: wish, den: 1 };
  if (rate === null) return refuse("There is no clip whose frame rate could be taken.");
  const fps = rate.num / rate.den;
  return fps < min || fps > max ? refuse(`must be from ${min} to ${max}`) : ok(rate);
}

function secondsOf(asset: AssetFacts | undefined): number | null {
  if (!asset) return null;
  return asset.kind === "audio"
    ? asset.probe.audio?.durationS ?? asset.probe.durationS
    : asset.probe.durationS;
}

/** What a person should know when not every rendered frame is delivered. */
function describeLength({ rate, delivered, rendered }: ShotLength): string[] {
  if (delivered === rendered) return [];
  const seconds = (delivered * rate.den / rate.num).toFixed(2);
  return [`Renders ${rendered} frames and delivers ${delivered}, which is ${seconds} s.`];
}

function prepareFiles(ready: ShotReady, { rate, rendered }: ShotLength): Step[] {
  const seconds = rendered * rate.den / rate.num;
  return placesOf(ready.template.manifest).flatMap(({ name, place, input }): Step[] => {
    const asset = ready.files.get(place);
    if (!asset || !input.prepare) return [];
    const isClip = input.prepare === "clip";
    return [makeLocalStep({
      id: `prepare-${name}`,
      title: isClip ? "Preparing the clip" : "Preparing the recording",
      phase: "prepare",
      op: isClip ? "normalise_clip" : "normalise_sound",
      values: isClip
        ? { clip: { file: assetOf(asset) }, rateNum: rate.num, rateDen: rate.den, framesMax: rendered }
        : { sound: { file: assetOf(asset) } },
      weight: 2,
      timeLimitS: Math.round(600 + 10 * seconds),
    }, ready.context.hash)];
  });
}

export function renderShot(
  ready: ShotReady,
  { length, size }: { length: Pick<ShotLength, "rate" | "rendered">; size: FilmSize },
): Result<PromptStep[]> {
  const { request, template, preset, seed } = ready;
  const { manifest } = template;
  const fps = length.rate.num / length.rate.den;
  const facts: Record<string, Value> = {
    prompt: request.prompt,
    ...(request.negativePrompt === "" ? {} : { negativePrompt: request.negativePrompt }),
    width: size.width,
    height: size.height,
    halfWidth: size.width / 2,
    halfHeight: size.height / 2,
    rate: fps,
    seed,
    frames: length.rendered,
    seconds: length.rendered / fps,
    ...fileValues(ready),
  };
  const part = {
    id: "shot",
    title: manifest.title,
    template,
    preset,
    values: { ...pick(facts, manifest), ...ownOptions(ready) },
    frames: length.rendered,
    width: size.width,
    height: size.height,
  };
  if (request.settings.stopAfterFirstPass) return makePasses(part, ready.context);
  const step = makePromptStep({ ...part, variant: wholeOf(manifest) }, ready.context);
  return step.ok ? ok([step.value]) : step;
}

/** Values that the template does not take are no values of its prompt. */
function pick(values: Record<string, Value>, { inputs }: Manifest): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => (inputs[name]?.bind.length ?? 0) > 0),
  );
}

function fileValues({ template: { manifest }, files, references }: ShotReady): Record<string, Value> {
  return Object.fromEntries(
    placesOf(manifest).flatMap(({ name, place, input }): [string, Value][] => {
      if (place === "references") {
        return references.length > 0 ? [[name, { files: references.map(assetOf) }]] : [];
      }
      const asset = files.get(place);
      if (!asset) return [];
      if (!input.prepare) return [[name, { file: assetOf(asset) }]];
      return [[name, { file: fileOf(`prepare-${name}`, input.prepare) }]];
    }),
  );
}

function soundOf({ template: { manifest }, files }: ShotReady) {
  if (manifest.sound === null) return null;
  if (manifest.sound === "own") return fileOf("shot", "clip");
  const asset = files.get(manifest.sound);
  return asset?.probe.audio ? assetOf(asset) : null;
}
