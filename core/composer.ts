/** The composer's state as data: what is attached, which place each file takes, what is shown, undone, kept and asked for. */
import { PLACES } from "./places.ts";
import type { ShownAsset } from "./shown.ts";

export type Mode = "animate" | "audio";
export type Submode = "move" | "mix";
export type Kind = "image" | "video" | "audio";
export type Role = "groundTruth" | "motionVideo" | "audio" | "references" | "poseSheet";

/** The places of each mode, in the order in which they are shown. What has no place here is hidden, and not asked for. */
export const PLACES_OF: Record<Mode, readonly Role[]> = {
  animate: ["groundTruth", "motionVideo", "references", "poseSheet"],
  audio: ["groundTruth", "audio", "references", "poseSheet"],
};

export type NeededRole = "groundTruth" | "motionVideo" | "audio";

export const NEEDED: Record<Mode, readonly NeededRole[]> = {
  animate: ["groundTruth", "motionVideo"],
  audio: ["groundTruth", "audio"],
};

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
  frameRate: string;
  preset: string;
  seed: string;
  retries: string;
  priority: string;
  engine: string;
}

/** Everything that can be undone. */
export interface Composition {
  mode: Mode;
  submode: Submode;
  prompt: string;
  negativePrompt: string;
  wishes: Wishes;
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
}

export const NO_WISHES: Wishes = {
  width: "",
  height: "",
  seconds: "",
  frameRate: "template",
  preset: "",
  seed: "",
  retries: "",
  priority: "0",
  engine: "auto",
};

export const EMPTY: Composition = {
  mode: "animate",
  submode: "move",
  prompt: "",
  negativePrompt: "",
  wishes: NO_WISHES,
  chips: [],
};

const STEPS_KEPT = 100;
/** Edits of one field that follow one another faster than this are undone together. */
const TOGETHER_MS = 1200;

export function begin(composition: Composition = EMPTY, files: Record<string, HeldFile> = {}): Composer {
  return { now: { composition, edit: "", at: 0 }, past: [], future: [], files };
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
  return edit(known, place({ ...composition, chips }, { key, kind: file.kind, role }), { name: "", at });
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
  const placed = place({ ...composition, chips }, { key: by, kind: file.kind, role: old.role ?? undefined });
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
    return { ...kept, composition: place(kept.composition, { key, kind: file.kind }) };
  };
  return {
    now: correct(composer.now),
    past: composer.past.map(correct),
    future: composer.future.map(correct),
    files: { ...composer.files, [key]: file },
  };
}

/** The same composition with one chip in its place. A place for one file lets its former file go. */
function place(
  composition: Composition,
  { key, kind, role }: { key: string; kind: Kind | null; role?: Role },
): Composition {
  const { chips } = composition;
  const isTaken = (wanted: Role) => chips.some((chip) => chip.role === wanted && chip.key !== key);
  const fits = role !== undefined && (kind === null || PLACES[role] === kind);
  const taken = fits ? role : roleFor(kind, isTaken);
  const placed = chips.flatMap((chip) => {
    if (chip.key === key) return [{ key, role: taken }];
    return taken !== null && taken !== "references" && chip.role === taken ? [] : [chip];
  });
  return { ...composition, chips: placed, mode: modeFor(taken) ?? composition.mode };
}

function roleFor(kind: Kind | null, isTaken: (role: Role) => boolean): Role | null {
  if (kind === null) return null;
  if (kind === "image") return isTaken("groundTruth") ? "references" : "groundTruth";
  return kind === "video" ? "motionVideo" : "audio";
}

/** A clip means Animate, a recording means Audio; pictures mean nothing. */
function modeFor(role: Role | null): Mode | null {
  if (role === "motionVideo") return "animate";
  return role === "audio" ? "audio" : null;
}

/** The chips of the mode in the order of its places, then those without one; the others are hidden, not gone. */
export function shownChips({ mode, chips }: Composition): Chip[] {
  const order = (role: Role | null) => role === null ? 99 : PLACES_OF[mode].indexOf(role);
  return chips.filter(({ role }) => order(role) >= 0).toSorted((a, b) => order(a.role) - order(b.role));
}

export function hiddenChips(composition: Composition): Chip[] {
  const shown = new Set(shownChips(composition).map(({ key }) => key));
  return composition.chips.filter(({ key }) => !shown.has(key));
}

export type Lack = "prompt" | "uploading" | Role;

/** What stands between this and a film, as far as it can be seen here. */
export function lacksOf(composer: Composer, { promptOptional = false } = {}): Lack[] {
  const { composition } = composer.now;
  const chips = shownChips(composition);
  const needed = NEEDED[composition.mode].filter((role) => !chips.some((chip) => chip.role === role));
  const isUploading = chips.some(({ key }) => !composer.files[key]?.assetId);
  return [
    ...(composition.prompt.trim() === "" && !promptOptional ? ["prompt" as const] : []),
    ...needed,
    ...(isUploading ? ["uploading" as const] : []),
  ];
}

/** The body of `POST /api/jobs`. Hidden files and unfinished ones are not in it. */
export function requestOf({ now: { composition }, files }: Composer): Record<string, unknown> {
  const { mode, submode, prompt, negativePrompt, wishes } = composition;
  const idsOf = (role: Role) =>
    shownChips(composition).filter((chip) => chip.role === role)
      .flatMap(({ key }) => files[key]?.assetId ?? []);
  const assets: Record<string, unknown> = {};
  for (const role of PLACES_OF[mode]) {
    const ids = idsOf(role);
    if (ids.length > 0) assets[role] = role === "references" ? ids : ids[0];
  }
  return {
    mode,
    ...(mode === "animate" ? { submode } : {}),
    ...(prompt.trim() === "" ? {} : { prompt }),
    ...(negativePrompt.trim() === "" ? {} : { negativePrompt }),
    assets,
    settings: settingsOf(wishes, mode),
  };
}

/** Settings as the API takes them; what is empty is left to the studio, what is no number is refused there by name. */
export function settingsOf(wishes: Wishes, mode: Mode): Record<string, unknown> {
  const { frameRate, preset, seed, priority, engine } = wishes;
  const settings: Record<string, unknown> = {};
  for (const name of ["width", "height", "seconds", "retries"] as const) {
    if (wishes[name] !== "") settings[name] = Number(wishes[name].replace(",", "."));
  }
  if (mode === "animate" && frameRate !== "template") {
    settings.frameRate = frameRate === "source" ? frameRate : Number(frameRate);
  }
  if (seed !== "") settings.seed = seed;
  if (preset !== "") settings.preset = preset;
  if (priority !== "0") settings.priority = Number(priority);
  if (engine !== "auto") settings.engine = engine;
  return settings;
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

/** After the job is made: the files stay for the next one, the words are told and go. */
export function submitted(composer: Composer, at: number): Composer {
  return edit(composer, { prompt: "" }, { name: "", at });
}

/** What outlives a reload: the composition, and the files that the studio has. */
export function toStored({ now: { composition }, files }: Composer): string {
  const chips = composition.chips.filter(({ key }) => files[key]?.assetId);
  const kept = Object.fromEntries(chips.map(({ key }) => [key, files[key]]));
  return JSON.stringify({ ...composition, chips, files: kept });
}

const isText = ([, value]: [string, unknown]) => typeof value === "string";

/** Reads it back; whatever does not look like it any more is left out. */
export function fromStored(text: string | null): Composer | null {
  let stored: Partial<Composition> & { files?: Record<string, HeldFile> };
  try {
    stored = JSON.parse(text ?? "");
  } catch {
    return null;
  }
  if (typeof stored !== "object" || stored === null) return null;
  const { mode, submode, prompt, negativePrompt, wishes, chips, files } = stored;
  const known = Object.entries(files ?? {}).filter(([, file]) => typeof file?.assetId === "string");
  const keys = new Map(known);
  return begin({
    mode: mode === "audio" ? "audio" : "animate",
    submode: submode === "mix" ? "mix" : "move",
    prompt: String(prompt ?? ""),
    negativePrompt: String(negativePrompt ?? ""),
    wishes: { ...NO_WISHES, ...Object.fromEntries(Object.entries(wishes ?? {}).filter(isText)) },
    chips: Array.isArray(chips) ? chips.filter((chip) => keys.has(chip?.key)) : [],
  }, Object.fromEntries(known));
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
