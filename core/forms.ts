/** What the composer has to know of a mode to ask for it: its places, its own settings, and whether length and rate are asked. */
import { isLong, modeId } from "./modes.ts";
import type { OfferedMode } from "./offer.ts";
import type { Place } from "./places.ts";

export interface FormPlace {
  place: Place;
  required: boolean;
}

export interface Form {
  /** In the order in which they are shown. What has no place here is hidden, and not asked for. */
  places: readonly FormPlace[];
  settings: readonly { name: string; kind: string }[];
  /** Without them a mode has what every film has. */
  finishing?: readonly { name: string }[];
  /** Null where files or the model alone decide. */
  length: unknown;
  rates: unknown;
  /** Without them all are taken. */
  presets?: readonly { name: string }[];
}

/** By the mode's one word. */
export type Forms = Record<string, Form>;

const longForm = (moving: Place): Form => ({
  places: [
    { place: "groundTruth", required: true },
    { place: moving, required: true },
    { place: "references", required: false },
    { place: "poseSheet", required: false },
  ],
  settings: [],
  length: null,
  rates: null,
});

export const LONG_FORMS: Forms = { animate: longForm("motionVideo"), audio: longForm("audio") };

export function formsOf(modes: readonly OfferedMode[]): Forms {
  const shots = modes.filter(({ mode }) => !isLong(mode));
  return { ...LONG_FORMS, ...Object.fromEntries(shots.map((one) => [modeId(one), one])) };
}
