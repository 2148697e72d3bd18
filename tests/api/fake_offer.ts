/** What the studio in memory offers, and the presets that it keeps. */
import { LONG_FORMS } from "@/core/forms.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { Preset } from "@/core/presets.ts";
import type { Studio } from "@/core/studio.ts";

function modeOf(mode: string, submode: string | null): OfferedMode {
  const name = submode ?? mode;
  return {
    mode,
    submode,
    name,
    fullName: name,
    title: `Mode ${name}`,
    description: `What ${name} does.`,
    icon: "film",
    delivers: "film",
    loops: false,
    promptOptional: false,
    presets: [{ name: "fast", title: "Fast" }, { name: "balanced", title: "Balanced" }],
    defaultPreset: "balanced",
    size: { multiple: 16, min: 320, max: 1280, width: 640, height: 640, follows: "groundTruth" },
    rate: 16,
    rates: null,
    length: null,
    places: LONG_FORMS[mode]?.places.map((one) => ({ ...one, title: one.place })) ?? [],
    settings: [],
    finishing: [],
    optional: [
      { place: "references", title: "Reference pictures", effect: null },
      { place: "poseSheet", title: "Pose sheet", effect: "Guides the pose loosely." },
    ],
  };
}

export function offerParts(): Pick<Studio, "offer" | "presets"> {
  const kept = new Map<string, Preset>();
  const own = (userId: string) => [...kept.values()].filter((preset) => preset.userId === userId);
  return {
    offer: {
      engine: "draft",
      modes: [modeOf("animate", "mix"), modeOf("animate", "move"), modeOf("audio", null)],
    },
    presets: {
      list: (userId) => Promise.resolve(own(userId).toSorted((a, b) => a.name < b.name ? -1 : 1)),
      find: (userId, id) => Promise.resolve(own(userId).find((preset) => preset.id === id) ?? null),
      put(preset) {
        const isTaken = own(preset.userId).some(({ id, name }) => name === preset.name && id !== preset.id);
        if (!isTaken) kept.set(preset.id, preset);
        return Promise.resolve(isTaken ? "name_taken" : "kept");
      },
      remove: (userId, id) =>
        Promise.resolve(own(userId).some((preset) => preset.id === id) && kept.delete(id)),
    },
  };
}
