/** English: the page where long takes are made of prompt files: what was read, how each will be cut, and how to begin. */
import { clock, count, span } from "./format.ts";

/** `0:06.2`. */
function tenth(seconds: number): string {
  const all = Math.floor(seconds * 10 + 0.05);
  return `${clock(Math.floor(all / 10))}.${all % 10}`;
}

export const takePage = {
  title: "Long takes",
  lead: "Drop text files that say what is to be seen. Each becomes one long film, made part by part.",
  drop: {
    title: "Drop prompt files here",
    text:
      "Text files, a folder, or a zip of them. A picture or a clip of the same name goes along with its file.",
    land: "Let go to read them",
    files: "Choose files",
    folder: "Choose a folder",
    samples: "Try the samples",
    plain: "Prompt files, a zip, and their pictures and clips",
  },
  paste: {
    label: "Or write one here",
    hint:
      "Four blocks with a blank line between them: a name, the number of frames, what is to be seen, what is not.",
    example:
      "night_train.mp4\n\n160\n\nA night train seen from its last window\n[chunk 2] rain begins to run down the glass\n\nblurry, watermark",
    directions: "A line such as [chunk 3] or [0:12-0:20] says what happens in that part alone.",
    read: "Show the plan",
  },
  pasted: "written here.txt",
  reading: "Reading",
  read: (files: number, faults: number) =>
    faults === 0 ? `${count(files, "file")} read.` : `${count(files, "file")} read, ${faults} with faults.`,
  toRead: (n: number) => `Reading ${count(n, "file")}`,
  unreadable: (name: string) =>
    `${name} could not be read: the studio does not answer. Drop it again in a moment.`,
  homeless: (name: string) => `${name} has the name of none of these files, so it was left out.`,
  strange: (name: string) => `${name} is neither a prompt file nor a picture or clip.`,

  entries: "Takes",
  from: (file: string) => `from ${file}`,
  remove: (name: string) => `Take ${name} off the list`,
  fields: "Words and length",
  name: "Name",
  frames: "Frames",
  framesHint: (rate: number) => `${rate} make a second. Empty: as long as the clip.`,
  prompt: "What is to be seen",
  negative: "What is not to be seen",
  image: "First picture",
  video: "Driving clip",
  addImage: "Add a picture",
  addVideo: "Add a clip",
  change: (what: string, name: string) => `${what}: ${name}`,
  dropMedia: (name: string) => `Leave out ${name}`,
  sending: "on its way",
  checking: "being looked at",
  broken: (why: string) => why,

  strip: (name: string) => `How ${name} will be cut`,
  piece: (n: number) => `Part ${n}`,
  pieces: (n: number) => count(n, "part"),
  between: (from: number, to: number) => `${tenth(from)}–${tenth(to)}`,
  length: (frames: number) => count(frames, "frame"),
  repeats: (frames: number) => `+ ${frames} repeated`,
  newLook: "new look",
  more: (n: number) => `and ${n} more`,
  about: (seconds: number) => `about ${span(seconds)}`,
  looking: "Working out the plan",
  offline: "The studio does not answer. What you entered is kept here; it is tried again by itself.",

  bad: {
    title: (name: string) => `${name} needs a correction`,
    fault: (block: number, line: number) => block === 0 ? `Line ${line}` : `Block ${block}, line ${line}`,
    text: "The file as it is",
    again: "Read it again",
  },

  way: {
    title: "How the parts are made",
    chunk: "Frames of a part",
    chunkHint: "Longer parts have fewer joins and need more memory.",
    overlap: "Frames repeated",
    overlapHint: "So many frames of each part are made again at the beginning of the next.",
    seams: "Where two parts share frames",
    seam: { keep: "Keep the earlier ones", blend: "Let one pass into the other" },
    correct: "Hold the colours",
    correctHint: "Colours and contrast of each part are matched to those before it.",
    firstPass: "Let me approve the first pass",
    firstPassHint: "Each part stops after its first pass and shows it. Nothing is kept busy while it waits.",
    keep: "Keep every part",
    keepHint: "Then a part can be taken again, or the take end earlier, without making the others anew.",
    preset: "Preset",
    width: "Width",
    height: "Height",
  },

  total: {
    films: (n: number) => count(n, "film"),
    work: (seconds: number) => `about ${span(seconds)} of work`,
    waits: (n: number) => `${n === 1 ? "One file needs" : `${n} files need`} you first.`,
    place: (place: number) => place > 1 ? `Place ${place} in the queue` : "Starts at once",
  },
  make: (n: number) => n === 1 ? "Make the film" : `Make ${n} films`,
  making: "Sending",
  again: "Look at the plan again",
  made: {
    one: "is on its way",
    all: (n: number) => `${n === 1 ? "The film is" : `All ${n} films are`} on the way.`,
    open: "Open",
    queue: "See them in the queue",
    another: "Make more",
  },
  failed: "This one was not taken.",
  own: "Your long takes",
  none: "Long takes that you make stand here.",
  all: "All of them",
};
