/** English: many takes of one request: what may be asked for at once, and the sheet of them. */
import { span } from "./format.ts";

export const batches = {
  /** Beside the fields of a request. */
  nested: "Alternatives cannot stand inside alternatives. To write a brace, put a backslash before it.",
  tooMany: (films: number, most: number) =>
    `This would make ${films.toLocaleString("en")} films. At most ${most} are made at once.`,
  /** What a request would make, before it is sent. */
  together: (films: number, seconds: number) => `${films} films, about ${span(seconds)} of work in all.`,
  seedsAndCount: "Give seeds or a count, not both.",
  oneWay: "Give values, or a range from, to and step.",
  noRange: "This range leads nowhere.",
  unknown: (name: string) => `There is no setting "${name}" that can run through values.`,
  twice: (name: string) => `"${name}" stands here twice.`,

  title: (films: number) => films === 1 ? "1 take" : `${films} takes`,
  of: "Takes",
  done: (done: number, all: number) => `${done} of ${all} ready`,
  kept: (n: number) => `${n} kept`,
  rejected: (n: number) => `${n} rejected`,
  showRejects: (n: number) => `Show ${n} rejected`,
  hideRejects: "Hide rejected",
  order: "Order",
  byOrder: "As made",
  byScore: "Best loop first",
  score: (value: string) => `Loop ${value}`,
  scoreHint: "How far the last picture is from the first: the lower, the better",
  keep: "Keep",
  reject: "Reject",
  unkeep: "Keep no more",
  unreject: "Reject no more",
  keys: "Arrow keys move, K keeps, R rejects, Enter opens.",
  cancelWaiting: (n: number) => n === 1 ? "Cancel the one that waits" : `Cancel the ${n} that wait`,
  allRejected: "All takes are rejected.",
  gone: "These takes are not there any more.",
  refused: "That did not work. Try again in a moment.",
  take: (n: number) => `Take ${n}`,
  unmarked: "Neither kept nor rejected",
  marked: { starred: "Kept", rejected: "Rejected" },
  facts: {
    prompt: (words: string) => words,
    seed: (value: string) => `seed ${value}`,
    preset: (value: string) => value,
    width: (value: string) => `width ${value}`,
    height: (value: string) => `height ${value}`,
    seconds: (value: string) => `${value} s`,
    frames: (value: string) => `${value} frames`,
    frameRate: (value: string) => `${value} fps`,
    negativePrompt: (value: string) => value === "" ? "nothing left out" : `without ${value}`,
  } as Record<string, (value: string) => string>,
  /** A setting of the template's own. */
  fact: (name: string, value: string) => `${name} ${value}`,
};
