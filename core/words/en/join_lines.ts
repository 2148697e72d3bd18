/** English: all that is known of how two pieces of a long take meet, and what was made from an older take. */
import { count } from "./format.ts";

/** Steps of CIEDE2000, and what an eye makes of them. */
const STEPS: [number, string][] = [
  [1, "Seamless"],
  [2, "Hardly to be seen"],
  [4, "To be seen"],
  [Infinity, "Plain to see"],
];

export const joinLines = {
  /** Of one join. */
  grade: (step: number) => STEPS.find(([most]) => step < most)?.[1] ?? "",
  figure: (value: number) => value.toFixed(1),
  length: (parts: number, frames: number, seconds: number) =>
    `${count(parts, "part")}, ${count(frames, "frame")}, ${Number(seconds.toFixed(2))} s`,
  ownLook: "New look",
  title: "How the parts meet",
  hint: "How far the picture jumps where two parts meet. Below 1 nobody sees it; from 4 on everybody does.",
  between: (n: number) => `${n - 1} to ${n}`,
  was: (value: string) => `${value} before correction`,
  drift: (value: string, anchor: number) => `colours ${value} from part ${anchor}`,
  newLook: "A look of its own, as asked",
  jump: (value: string) => `the picture changes by ${value}`,
  frozen: (frames: number) => frames === 1 ? "one frame stands still" : `${frames} frames stand still`,
  repeated: "one frame is shown twice",
  notYet: "Told when the film is joined",
  one: "It is made in one part.",
  earlier: (version: number) => `Version ${version} of the film, as it was before`,
  writeBack: "Save as a prompt file",
  stale: (numbers: string, isOne: boolean) =>
    `${isOne ? "Part" : "Parts"} ${numbers} ${isOne ? "was" : "were"} made from an older take.`,
  rerun: (isOne: boolean) => isOne ? "Make it again" : "Make them again",
  cut: {
    title: "End the take earlier",
    after: (part: number, time: string) => `After part ${part}, at ${time}`,
    act: "End it there",
    kept: "No part is made again, and the longer film stays as an earlier version.",
  },
  view: "Which film is shown",
  after: "After",
  before: "Before",
};
