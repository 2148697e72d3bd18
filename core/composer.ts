/** The composer's state as data: what is attached, which place each file takes, what is shown, undone, kept and asked for. */
import { finishOf, templateOf } from "./composer_finish.ts";
import { type FormPlace, type Forms, LONG_FORMS } from "./forms.ts";
import { type AskedMode, isLong, namesOf } from "./modes.ts";
import { type Place as Role, PLACES } from "./places.ts";
import type { ShownAsset } from "./shown.ts";

export type { Role };
export type Submode = "move" | "mix";
export type Kind = "image" | "video" | "audio";

/** What is known of a file: from the browser at first, from the studio once it is there. */
export interface HeldFile {
  name: string;
  /** Null until somebody has looked into it. */
  kind: Kind | null;
  /** Null until it is uploaded. */
  assetId: string | null;
  width: number | null;
  height: number | null;
  seconds: number | null;
  rate: number | null;
  /** Address of a small picture at the studio. */
  thumbnail: string | null;
}

/** One attached file. A file without a role is being looked at, or fits no place. */
export interface Chip {
  key: string;
  role: Role | null;
}

/** Settings as typed; empty means that the studio chooses. */
export interface Wishes {
  width: string;
  height: string;
  seconds: string;
  frames: string;
  frameRate: string;
  preset: string;
  seed: string;
  retries: string;
  priority: string;
  engine: string;
  /** How many takes; empty for one. */
  count: string;
}

/** Everything that can be undone. */
export interface Composition {
  /** In one word, as `core/modes.ts` has it. */
  mode: string;
  /** Of Animate. */
  submode: Submode;
  prompt: string;
  negativePrompt: string;
  wishes: Wishes;
  /** The modes' own settings by name, as typed. Modes share what has the same name. */
  options: Record<string, string>;
  chips: Chip[];
}

interface Kept {
  composition: Composition;
  /** What the edit that led here changed; edits of one field in a row are one step. */
  edit: string;
  at: number;
}

export interface Composer {
  now: Kept;
  past: Kept[];
  future: Kept[];
  /** By the key of the chip; never undone, so that a chip that comes back knows its file. */
  files: Record<string, HeldFile>;
  forms: Forms;
}

export const NO_WISHES: Wishes = {
  width: "",
  height: "",
  seconds: "",
  frames: "",
  frameRate: "template",
  preset: "",
  seed: "",
  retries: "",
  priority: "0",
  engine: "auto",
  count: "",
};

export const EMPTY: Composition = {
  mode: "animate",
  submode: "move",
  prompt: "",
  negativePrompt: "",
  wishes: NO_WISHES,
  options: {},
  chips: [],
};

const STEPS_KEPT = 100;
/** Edits of one field that follow one another faster than this are undone together. */
const TOGETHER_MS = 1200;

export function begin(
  composition: Composition = EMPTY,
  files: Record<string, HeldFile> = {},
  forms: Forms = LONG_FORMS,
): Composer {
  return { now: { composition, edit: "", at: 0 }, past: [], future: [], files, forms };
}

/** The places of a mode. */
export function placesIn(forms: Forms, mode: string): readonly FormPlace[] {
  return forms[mode]?.places ?? [];
}

/** The next state, with the former one kept to go back to. */
export function edit(
  composer: Composer,
  change: Partial<Composition>,
  { name, at }: { name: string; at: number },
): Composer {
  const { now, past } = composer;
  const together = name !== "" && name === now.edit && at - now.at < TOGETHER_MS;
  return {
    ...composer,
    now: { composition: { ...now.composition, ...change }, edit: name, at },
    past: together ? past : [...past, now].slice(-STEPS_KEPT),
    future: [],
  };
}

export function undo(composer: Composer): Composer {
  const { past, now, future } = composer;
  const last = past.at(-1);
  if (!last) return composer;
  return { ...composer, now: { ...last, edit: "" }, past: past.slice(0, -1), future: [now, ...future] };
}

export function redo(composer: Composer): Composer {
  const { past, now, future: [next, ...rest] } = composer;
  return next ? { ...composer, now: { ...next, edit: "" }, past: [...past, now], future: rest } : composer;
}

/** Attaches a file: it takes the place asked for, or the one that fits, and the mode follows it. */
export function attach(
  composer: Composer,
  { key, file, role, at }: { key: string; file: HeldFile; role?: Role; at: number },
): Composer {
  const known = { ...composer, files: { ...composer.files, [key]: file } };
  const { composition } = composer.now;
  const chips = [...composition.chips, { key, role: null }];
  const placed = place({ ...composition, chips }, { key, kind: file.kind, role, forms: composer.forms });
  return edit(known, placed, { name: "", at });
}

/** A file takes the place of another one, and its role. */
export function replace(
  composer: Composer,
  { key, by, file, at }: { key: string; by: string; file: HeldFile; at: number },
): Composer {
  const { composition } = composer.now;
  const index = composition.chips.findIndex((chip) => chip.key === key);
  const old = composition.chips[index];
  if (!old) return attach(composer, { key: by, file, at });
  const chips = composition.chips.with(index, { key: by, role: null });
  const known = { ...composer, files: { ...composer.files, [by]: file } };
  const { forms } = composer;
  const placed = place({ ...composition, chips }, {
    key: by,
    kind: file.kind,
    role: old.role ?? undefined,
    forms,
  });
  return edit(known, placed, { name: "", at });
}

export function remove(composer: Composer, key: string, at: number): Composer {
  const chips = composer.now.composition.chips.filter((chip) => chip.key !== key);
  return edit(composer, { chips }, { name: "", at });
}

/** What the studio found out about a file. A chip whose guess was wrong is placed anew, in the past as well. */
export function learn(composer: Composer, key: string, facts: Partial<HeldFile>): Composer {
  const before = composer.files[key];
  if (!before) return composer;
  const file = { ...before, ...facts };
  const correct = (kept: Kept): Kept => {
    const chip = kept.composition.chips.find((one) => one.key === key);
    if (!chip || (chip.role !== null && PLACES[chip.role] === file.kind)) return kept;
    return {
      ...kept,
      composition: place(kept.composition, { key, kind: file.kind, forms: composer.forms }),
    };
  };
  return {
    ...composer,
    now: correct(composer.now),
    past: composer.past.map(correct),
    future: composer.future.map(correct),
    files: { ...composer.files, [key]: file },
  };
}

interface Placing {
  key: string;
  kind: Kind | null;
  role?: Role;
  forms: Forms;
}

/** The same composition with one chip in its place. A place for one file lets its former file go. */
function place(composition: Composition, { key, kind, role, forms }: Placing): Composition {
  const { chips, mode } = composition;
  const isTaken = (wanted: Role) => chips.some((chip) => chip.role === wanted && chip.key !== key);
  const fits = role !== undefined && (kind === null || PLACES[role] === kind);
  const taken = fits ? role : kind && roleFor(kind, placesIn(forms, mode), isTaken);
  const placed = chips.flatMap((chip) => {
    if (chip.key === key) return [{ key, role: taken }];
    return taken !== null && taken !== "references" && chip.role === taken ? [] : [chip];
  });
  return { ...composition, chips: placed, mode: isLong(mode) ? modeFor(taken) ?? mode : mode };
}

/** A free place that is needed, else any free one, else the last that takes such a file. References are never full. */
function roleFor(kind: Kind, places: readonly FormPlace[], isTaken: (role: Role) => boolean): Role {
  const fitting = places.filter(({ place }) => PLACES[place] === kind);
  const free = fitting.filter(({ place }) => place === "references" || !isTaken(place));
  const found = free.find(({ required }) => required) ?? free[0] ?? fitting.at(-1);
  if (found) return found.place;
  if (kind === "image") return isTaken("groundTruth") ? "references" : "groundTruth";
  return kind === "video" ? "motionVideo" : "audio";
}

/** A clip means Animate, a recording means Audio; pictures mean nothing. */
function modeFor(role: Role | null): string | null {
  if (role === "motionVideo") return "animate";
  return role === "audio" ? "audio" : null;
}

/** Another mode: files that have no place there fill those that it needs, or wait out of sight. */
export function chooseMode(
  composer: Composer,
  mode: string,
  at: number,
  { submode, template }: Pick<AskedMode, "submode" | "template"> = {},
): Composer {
  const places = placesIn(composer.forms, mode);
  const { chips, options } = composer.now.composition;
  const has = (role: Role | null) => places.some(({ place }) => place === role);
  const taken = new Set(chips.map(({ role }) => role).filter(has));
  const moved = chips.map((chip) => {
    if (chip.role === null || has(chip.role)) return chip;
    const kind = composer.files[chip.key]?.kind;
    const free = places.find(({ place, required }) =>
      PLACES[place] === kind && (place === "references" || (required && !taken.has(place)))
    );
    if (!free) return chip;
    taken.add(free.place);
    return { ...chip, role: free.place };
  });
  return edit(composer, {
    mode,
    chips: moved,
    ...(submode && { submode }),
    ...(template !== undefined && { options: { ...options, template } }),
  }, { name: "", at });
}

/** The chips of the mode in the order of its places, then those without one; the others are hidden, not gone. */
export function shownChips({ now: { composition: { mode, chips } }, forms }: Composer): Chip[] {
  const places = placesIn(forms, mode);
  const order = (role: Role | null) => role === null ? 99 : places.findIndex(({ place }) => place === role);
  return chips.filter(({ role }) => order(role) >= 0).toSorted((a, b) => order(a.role) - order(b.role));
}

export function hiddenChips(composer: Composer): Chip[] {
  const shown = new Set(shownChips(composer).map(({ key }) => key));
  return composer.now.composition.chips.filter(({ key }) => !shown.has(key));
}

/** The places of the mode that hold no file. */
export function emptyPlaces(composer: Composer): FormPlace[] {
  const chips = shownChips(composer);
  return placesIn(composer.forms, composer.now.composition.mode)
    .filter(({ place }) => !chips.some(({ role }) => role === place));
}

export type Lack = "prompt" | "uploading" | Role;

/** What stands between this and a film, as far as it can be seen here. */
export function lacksOf(composer: Composer, { promptOptional = false } = {}): Lack[] {
  const chips = shownChips(composer);
  const needed = emptyPlaces(composer).filter(({ required }) => required).map(({ place }) => place);
  const isUploading = chips.some(({ key }) => !composer.files[key]?.assetId);
  return [
    ...(composer.now.composition.prompt.trim() === "" && !promptOptional ? ["prompt" as const] : []),
    ...needed,
    ...(isUploading ? ["uploading" as const] : []),
  ];
}

/** The body of `POST /api/jobs`. Hidden files and unfinished ones are not in it. */
export function requestOf(composer: Composer): Record<string, unknown> {
  const { now: { composition }, files, forms } = composer;
  const { prompt, negativePrompt, wishes: { count } } = composition;
  const { mode, submode } = namesOf(composition.mode);
  const chips = shownChips(composer);
  const assets: Record<string, unknown> = {};
  for (const { place } of placesIn(forms, composition.mode)) {
    const ids = chips.filter(({ role }) => role === place).flatMap(({ key }) => files[key]?.assetId ?? []);
    if (ids.length > 0) assets[place] = place === "references" ? ids : ids[0];
  }
  const how = mode === "animate" ? composition.submode : submode;
  return {
    mode,
    ...(how === null ? {} : { submode: how }),
    ...templateOf(composition.options, `${mode}/${how}`),
    ...(prompt.trim() === "" ? {} : { prompt }),
    ...(negativePrompt.trim() === "" ? {} : { negativePrompt }),
    assets,
    settings: settingsOf(composition, forms),
    ...(count === "" ? {} : { count: number(count) }),
  };
}

const number = (text: string) => Number(text.replace(",", "."));

/**
 * Settings as the API takes them: those that the mode has. What is empty is left to the studio, what is no number is
 * refused there by name.
 */
export function settingsOf(
  { mode, wishes, options }: Pick<Composition, "mode" | "wishes" | "options">,
  forms: Forms = LONG_FORMS,
): Record<string, unknown> {
  const { frameRate, preset, seed, priority, engine } = wishes;
  const form = forms[mode];
  const settings: Record<string, unknown> = {};
  for (const name of ["width", "height", "seconds", "frames", "retries"] as const) {
    const isAsked = name === "frames" ? form?.length : name !== "seconds" || isLong(mode) || form?.length;
    if (isAsked && wishes[name] !== "") settings[name] = number(wishes[name]);
  }
  const hasClip = placesIn(forms, mode).some(({ place }) => PLACES[place] === "video");
  if ((mode === "animate" || form?.rates) && frameRate !== "template") {
    if (frameRate !== "source") settings.frameRate = number(frameRate);
    else if (hasClip) settings.frameRate = frameRate;
  }
  if (seed !== "") settings.seed = seed;
  const hasPreset = form?.presets?.some(({ name }) => name === preset) ?? true;
  if (preset !== "" && hasPreset) settings.preset = preset;
  if (priority !== "0") settings.priority = Number(priority);
  if (engine !== "auto") settings.engine = engine;
  const own = (form?.settings ?? []).filter(({ name }) => (options[name] ?? "") !== "");
  if (own.length > 0) {
    settings.options = Object.fromEntries(own.map(({ name, kind }) => [name, valueOf(options[name]!, kind)]));
  }
  return { ...settings, ...finishOf(options, form?.finishing) };
}

function valueOf(text: string, kind: string): unknown {
  if (kind === "bool") return text === "true";
  return kind === "int" || kind === "number" ? number(text) : text;
}

/** A file that the studio has. */
export function heldFileOf(asset: ShownAsset): HeldFile {
  return {
    name: asset.name,
    kind: asset.type,
    assetId: asset.id,
    width: asset.width,
    height: asset.height,
    seconds: asset.durationSeconds,
    rate: asset.framesPerSecond,
    thumbnail: asset.thumbnailUrl,
  };
}

/** After the job is made: the files stay for the next one, the words are told and go, and the next is one film again. */
export function submitted(composer: Composer, at: number): Composer {
  const { wishes } = composer.now.composition;
  return edit(composer, { prompt: "", wishes: { ...wishes, count: "" } }, { name: "", at });
}

/** Notes beside fields stay only as long as the value that they are about. */
export function standingNotes<Note extends { path: string }>(
  notes: Note[],
  { sent, now }: { sent: Record<string, unknown>; now: Record<string, unknown> },
): Note[] {
  const read = (from: unknown, path: string) =>
    JSON.stringify(path.split(".").reduce<unknown>((at, name) => Object(at)[name], from));
  return notes.filter(({ path }) => read(sent, path) === read(now, path));
}
