/** English: the composer's settings, and those kept under a name. */

export const drawer = {
  size: "Size",
  shapes: { auto: "Like the picture", wide: "Wide", tall: "Tall", square: "Square" },
  width: "Width",
  height: "Height",
  length: "Length in seconds",
  wholeClip: "the whole clip",
  wholeSound: "the whole recording",
  rate: "Frame rate",
  rates: {
    template: (rate: number | null) => rate === null ? "Of the model" : `Of the model, ${rate} fps`,
    source: "Of the clip",
    fixed: (rate: string) => `${rate} fps`,
  },
  preset: "Speed or quality",
  seed: "Seed",
  seedHint: "The same seed makes the same film.",
  random: "a new one",
  negative: "What to avoid",
  retries: "Tries after a failure",
  usual: "as usual",
  priority: "When",
  priorities: [["10", "Before my others"], ["0", "In turn"], ["-10", "When there is room"]] as const,
  kept: {
    title: "My settings",
    usual: "As usual",
    name: "Name for these settings",
    keep: "Keep",
    done: (name: string) => `Kept as ${name}.`,
    remove: (name: string) => `Remove the settings ${name}`,
  },
};
