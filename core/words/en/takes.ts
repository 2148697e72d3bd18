/** English: long takes, their prompt files and the command line that makes them. */
export const takes = {
  seedless: "This pass goes on from the one before it and has no seed of its own. Take the first pass again.",
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
    directionTwice: (found: string) => `"${found}" directs a part that has a direction already.`,
    chunkBeyond: (found: string, chunks: number) =>
      `"${found}" names a part that does not exist: this take has ${chunks}.`,
    timeBeyond: (found: string, end: string) => `"${found}" begins after the take ends, at ${end}.`,
    none: "There is no prompt file in it.",
  },
};
