/** English: how the pieces of a long take meet, in words for people beside the figure. */

/** Steps of CIEDE2000, and what an eye makes of them. */
const STEPS: [number, string][] = [
  [1, "Seamless"],
  [2, "Hardly to be seen"],
  [4, "To be seen"],
  [Infinity, "Plain to see"],
];

export const joins = {
  title: "How the pieces meet",
  hint: "How far the picture jumps where two pieces meet. Below 1 nobody sees it; from 4 on everybody does.",
  /** Of one join. */
  grade: (step: number) => STEPS.find(([most]) => step < most)?.[1] ?? "",
  figure: (value: number) => value.toFixed(1),
  between: (n: number) => `${n - 1} to ${n}`,
  was: (value: string) => `${value} before correction`,
  drift: (value: string, anchor: number) => `colours ${value} from part ${anchor}`,
  ownLook: "New look",
  newLook: "A look of its own, as asked",
  jump: (value: string) => `the picture changes by ${value}`,
  frozen: (frames: number) => frames === 1 ? "one frame stands still" : `${frames} frames stand still`,
  repeated: "one frame is shown twice",
  notYet: "Told when the film is joined",
  view: "Which film is shown",
  after: "After",
  before: "Before",
  beforeTag: "Before correction",
  stale: (numbers: string, isOne: boolean) =>
    `${isOne ? "Part" : "Parts"} ${numbers} ${isOne ? "was" : "were"} made from an older take.`,
  rerun: "Make them again",
  writeBack: "Save as a prompt file",
};
