/** What can be asked for here, in words for people: the modes with their files, settings, presets and sizes, and the limits. */
import { LONG_FORMS } from "./forms.ts";
import { modeName, shortModeName } from "./mode_names.ts";
import { isLong, LONG_MODES, modeId } from "./modes.ts";
import { offerFinishing } from "./offer_finishing.ts";
import { findTemplate } from "./planners/mod.ts";
import { ownSettings } from "./planners/options.ts";
import { placesOf } from "./planners/shot.ts";
import type { Place } from "./places.ts";
import type { Template, TemplateInput } from "./template.ts";
import { composer as composerWords } from "./words/composer.ts";
import { modes as words } from "./words/modes.ts";
import { shots } from "./words/shots.ts";

/** A file that the mode takes. */
export interface OfferedPlace {
  place: Place;
  title: string;
  required: boolean;
  /** How it changes the result, where that is worth a sentence; null where the model does not use it. */
  effect?: string | null;
}

/** A setting that only this mode has, as its template declares it. */
export interface OfferedSetting {
  name: string;
  title: string;
  kind: "text" | "int" | "number" | "bool" | "choice";
  effect: string | null;
  /** The setting or the file whose strength it is. */
  scales: string | null;
  default: string | number | boolean | null;
  min: number | null;
  max: number | null;
  /** Of a choice. */
  options: { value: string; title: string }[];
}

export interface OfferedMode {
  mode: string;
  submode: string | null;
  /** Its name beside its family, and standing alone. */
  name: string;
  fullName: string;
  title: string;
  description: string;
  icon: string;
  /** What comes out. */
  delivers: "film" | "still";
  loops: boolean;
  promptOptional: boolean;
  presets: { name: string; title: string }[];
  defaultPreset: string;
  size: {
    multiple: number;
    min: number;
    max: number;
    width: number;
    height: number;
    /** The file that gives the film its shape without a wish. */
    follows: Place | null;
  };
  /** Frames per second of the model; null where it makes stills. */
  rate: number | null;
  /** Bounds of other rates, where there may be others. */
  rates: { min: number; max: number } | null;
  /**
   * Seconds: what it makes by itself, the bounds, and the file that decides without a wish. Null where files, parts or
   * the model decide; without a bound the studio's own counts.
   */
  length: { seconds: number | null; min: number; max: number | null; follows: Place | null } | null;
  /** In the order in which they are shown. */
  places: OfferedPlace[];
  settings: OfferedSetting[];
  /** What may be asked of any film of it, by path in the request's settings. */
  finishing: OfferedSetting[];
  /** Each optional input that a person may fill, and how it changes the result; null where the model does not use it. */
  optional: { place: string; title: string; effect: string | null }[];
}

export interface Offer {
  modes: OfferedMode[];
  /** What renders unless a draft is asked for: `draft` while no render server is configured. */
  engine: "draft" | "comfy";
}

/** A long take is as long as its clip, or as one says. */
const TAKE_LENGTH = { seconds: null, min: 0.1, max: null, follows: "video" } as const;

/** Which files a model is made of is the operator's business. */
const MODEL_FILE = /\.(safetensors|gguf|ckpt|pt)$/;

const OPTIONAL = ["references", "poseSheet", "negativePrompt"];

/** Each mode once: with the template that it takes by itself. */
export function makeOffer(templates: Template[], engine: Offer["engine"]): Offer {
  const runnable = templates.filter(({ manifest }) => engine === "draft" || manifest.state !== "pending");
  const usual = runnable.filter((template) => findTemplate(runnable, namesOf(template)) === template);
  return {
    engine,
    modes: usual.map((template) => ({
      ...offerOf(template.manifest),
      finishing: offerFinishing(template, runnable),
    })).sort((a, b) => placeOf(a) - placeOf(b)),
  };
}

const ORDER = [...LONG_MODES, ...Object.keys(words.names)];

/** The order in which people see them; what is not known here comes last. */
function placeOf(mode: OfferedMode): number {
  const at = ORDER.indexOf(modeId(mode));
  return at === -1 ? ORDER.length : at;
}

function namesOf({ manifest: { mode, submode } }: Template) {
  return { mode, submode };
}

function offerOf(manifest: Template["manifest"]): Omit<OfferedMode, "finishing"> {
  const { mode, submode, title, description, icon, delivers, loops, promptOptional, defaultPreset } =
    manifest;
  const { size, inputs, frames, length } = manifest;
  const { min = 1, max = 60 } = inputs.rate ?? {};
  return {
    mode,
    submode,
    name: words.names[modeId(manifest)] || isLong(mode) ? shortModeName(manifest) : title,
    fullName: words.names[modeId(manifest)] || isLong(mode) ? modeName(manifest) : title,
    title,
    description,
    icon,
    delivers,
    loops,
    promptOptional,
    presets: Object.entries(manifest.presets).map(([name, preset]) => ({ name, title: preset.title })),
    defaultPreset,
    size: { ...size, follows: isLong(mode) ? "groundTruth" : placeNamed(manifest, size.follows) },
    rate: frames?.rate ?? null,
    rates: inputs.rate && !isLong(mode) ? { min, max } : null,
    length: mode === "take"
      ? TAKE_LENGTH
      : length && { ...length, follows: placeNamed(manifest, length.follows) },
    places: offerPlaces(manifest),
    settings: ownSettings(manifest).flatMap(([name, input]) => offerSetting(name, input)),
    optional: OPTIONAL.flatMap((place) => {
      const input = inputs[place];
      return input ? [{ place, title: input.title, effect: input.effect ?? null }] : [];
    }),
  };
}

function placeNamed(manifest: Template["manifest"], name: string | undefined): Place | null {
  return placesOf(manifest).find(({ place }) => place === name)?.place ?? null;
}

/** The long modes take more than one template says: their planners turn the files into what each part needs. */
function offerPlaces(manifest: Template["manifest"]): OfferedPlace[] {
  const long = isLong(manifest.mode) ? LONG_FORMS[manifest.mode] : undefined;
  if (!long) {
    return placesOf(manifest).map(({ place, input: { title, required, effect } }) => ({
      place,
      title,
      required,
      ...(effect === undefined ? {} : { effect }),
    }));
  }
  return long.places.map(({ place, required }) => {
    const input = manifest.inputs[place];
    return {
      place,
      title: composerWords.roles[place] ?? place,
      required,
      ...(input && !required ? { effect: input.effect ?? null } : {}),
    };
  });
}

function offerSetting(name: string, input: TemplateInput): OfferedSetting[] {
  const { title, kind, effect = null, scales = null, min = null, max = null, options = [] } = input;
  if (kind !== "text" && kind !== "int" && kind !== "number" && kind !== "bool" && kind !== "choice") {
    return [];
  }
  if (MODEL_FILE.test(String(input.default))) return [];
  return [{
    name,
    title,
    kind,
    effect,
    scales,
    default: input.default ?? null,
    min,
    max,
    options: options.map((value) => ({ value, title: shots.choices[value] ?? value.replaceAll("_", " ") })),
  }];
}
