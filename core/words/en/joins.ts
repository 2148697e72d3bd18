/** English: how the pieces of a long take meet, in a word beside the figure, and the film without correction. */

/** Steps of CIEDE2000, and what an eye makes of them. */
const STEPS: [number, string][] = [
  [1, "Seamless"],
  [2, "Hardly to be seen"],
  [4, "To be seen"],
  [Infinity, "Plain to see"],
];

export const joins = {
  /** Of one join. */
  grade: (step: number) => STEPS.find(([most]) => step < most)?.[1] ?? "",
  figure: (value: number) => value.toFixed(1),
  ownLook: "New look",
  beforeTag: "Before correction",
};
