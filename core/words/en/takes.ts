<<<<<<< HEAD
/** English: many takes of one request: what may be asked for at once, the sheet of them, and a draft made for good. */

export const takes = {
  /** Beside the fields of a request. */
  nested: "Alternatives cannot stand inside alternatives. To write a brace, put a backslash before it.",
  tooMany: (films: number, most: number) =>
    `This would make ${films.toLocaleString("en")} films. At most ${most} are made at once.`,
  seedsAndCount: "Give seeds or a count, not both.",
  oneWay: "Give values, or a range from, to and step.",
  noRange: "This range leads nowhere.",
  unknown: (name: string) => `There is no setting "${name}" that can run through values.`,
  twice: (name: string) => `"${name}" stands here twice.`,

  title: (films: number) => films === 1 ? "1 take" : `${films} takes`,
  of: "Takes",
  sheet: (films: number) => `All ${films} takes`,
  inBatch: "All takes",
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

  promote: "Make it for good",
  promoteHint: "The same plan, seed and files on a render server.",
  finalOf: (name: string) => `Final of “${name}”`,
  draftOf: (name: string) => `Draft of “${name}”`,
  final: "Final",
  draft: "Draft",
  besides: "Compare draft and final",
  noServer: "No render server is set up. Without one there are only drafts.",
  notDraft: "This is no draft: it was made by a render server already.",
  notReady: "The draft is not ready yet. Wait until it is complete, then make it for good.",
  changed: "The model has changed since this draft was made. Use its settings for a new film instead.",
=======
/** English: long takes, their prompt files and the command line that makes them. */
export const takes = {
  file: {
    name: (block: string) => `The first block, the name, is ${block}.`,
    empty:
      "The file is empty. It needs a name, a number of frames and a description, with blank lines between.",
    large: (bytes: number, most: number) =>
      `The file has ${bytes} bytes, and a prompt file may have ${most}. Is it the right file?`,
    encoding: "The file is not UTF-8 text. Save it as UTF-8.",
    missing: {
      frames: "The second block, the number of frames, is missing.",
      positive: "The third block, what is to be seen, is missing.",
    },
    nameLines: "The name takes one line.",
    frames: (found: string, most: number) =>
      `The number of frames must be a whole number from 1 to ${most}, not "${found}".`,
    positive:
      "There is nothing that describes the film, only directions. Begin the block with a description.",
    long: (found: number, most: number) => `This text has ${found} characters, and it may have ${most}.`,
    extra: (words: string) =>
      `There is a fifth block, which begins "${words}". A prompt file has four. Take out blank lines inside a block.`,
    direction: (found: string) =>
      `"${found}" is no direction. Write [chunk 3] or [0:12-0:20], then what happens there.`,
    directionEmpty: (found: string) => `Nothing follows "${found}".`,
    directionEnd: (found: string) => `"${found}" ends before it begins.`,
    directionTwice: (found: string) => `"${found}" directs a piece that has a direction already.`,
    chunkBeyond: (found: string, chunks: number) =>
      `"${found}" names a piece that does not exist: this take has ${chunks}.`,
    timeBeyond: (found: string, end: string) => `"${found}" begins after the take ends, at ${end}.`,
    none: "There is no prompt file in it.",
  },
>>>>>>> main
};
