/** What can be asked for here, in words for people: the modes with their presets, sizes and optional files, and the limits. */
import type { Template } from "./template.ts";

export interface OfferedMode {
  mode: string;
  submode: string | null;
  title: string;
  description: string;
  promptOptional: boolean;
  presets: { name: string; title: string }[];
  defaultPreset: string;
  size: { multiple: number; min: number; max: number; width: number; height: number };
  /** Frames per second of the model; null where it makes stills. */
  rate: number | null;
  /** Each optional input that a person may fill, and how it changes the result; null where the model does not use it. */
  optional: { place: string; title: string; effect: string | null }[];
}

export interface Offer {
  modes: OfferedMode[];
  /** What renders unless a draft is asked for: `draft` while no render server is configured. */
  engine: "draft" | "comfy";
}

const OPTIONAL = ["references", "poseSheet", "negativePrompt"];

export function makeOffer(templates: Template[], engine: Offer["engine"]): Offer {
  const runnable = templates.filter(({ manifest }) =>
    manifest.chosen !== "by_name" && (engine === "draft" || manifest.state !== "pending")
  );
  return { engine, modes: runnable.map(({ manifest }) => offerOf(manifest)) };
}

function offerOf(manifest: Template["manifest"]): OfferedMode {
  const { mode, submode, title, description, promptOptional, defaultPreset, size, inputs } = manifest;
  return {
    mode,
    submode,
    title,
    description,
    promptOptional,
    presets: Object.entries(manifest.presets).map(([name, preset]) => ({ name, title: preset.title })),
    defaultPreset,
    size: { ...size },
    rate: manifest.frames?.rate ?? null,
    optional: OPTIONAL.flatMap((place) => {
      const input = inputs[place];
      return input ? [{ place, title: input.title, effect: input.effect ?? null }] : [];
    }),
  };
}
