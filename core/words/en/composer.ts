/** English: the composer, where a film is asked for. */
import { clock, span, the } from "./format.ts";

interface Seen {
  width: number | null;
  height: number | null;
  seconds: number | null;
}

export const composer = {
  fromFiles: "Make them of prompt files",
  label: "New film",
  prompt: "Describe the film",
  placeholder: "What happens, in what light, how the camera moves",
  placeholderPicture: "What is to be seen, in what light, in what style",
  modes: "Mode",
  mode: { animate: "Animate", audio: "Audio" },
  submodes: "How",
  submode: { move: "Move", mix: "Mix" },
  more: "More",
  allModes: "More modes",
  generate: "Generate",
  sending: "Sending",
  roles: {
    groundTruth: "Character",
    motionVideo: "Driving clip",
    audio: "Recording",
    references: "Reference",
    poseSheet: "Pose sheet",
  } as Record<string, string>,
  asks: {
    groundTruth: "Add a picture",
    motionVideo: "Add the clip to follow",
    audio: "Add a voice or a song",
    image: "Add a picture",
    lastImage: "Add a picture",
    video: "Add a clip",
    poseSheet: "Add a picture",
    references: "Add pictures",
  } as Record<string, string>,
  optional: { image: "A picture, if you like", video: "A clip, if you like", audio: "A sound, if you like" },
  add: "Add a file",
  unused: "Not used by this model",
  drop: "Drop it here",
  chip: {
    list: "Attached files",
    facts({ width, height, seconds }: Seen): string {
      const parts = [
        width !== null && seconds === null ? `${width}×${height}` : "",
        seconds === null ? "" : clock(seconds),
      ];
      return parts.filter((part) => part !== "").join(" · ");
    },
    sending: (percent: string) => `Uploading ${percent}`,
    reading: "Looking into it",
    waiting: "Connection lost, trying again",
    failed: "Could not be added",
    remove: (name: string) => `Remove ${name}`,
    hidden: (count: number, mode: string | null) =>
      `${count === 1 ? "One file is" : `${count} files are`} put aside${
        mode === null ? "" : ` for ${mode}`
      }.`,
  },
  told: {
    uploading: (name: string) => `Uploading ${name}.`,
    here: (name: string, role: string) => `${name} is here as ${role.toLowerCase()}.`,
    failed: (name: string, why: string) => `${name} could not be added. ${why}`,
    waiting: (name: string) => `The connection was lost. ${name} goes on by itself.`,
    mode: (mode: string) => `The mode is ${mode} now.`,
    made: "Your film is in the queue.",
    madePicture: "Your picture is in the queue.",
    many: (count: number) => `${count} takes are in the queue.`,
  },
  lacks: {
    prompt: "a few words on what happens",
    groundTruth: "a picture of your character",
    motionVideo: "the clip it follows",
    audio: "the recording it performs",
    uploading: "the files to finish uploading",
  } as Record<string, string>,
  /** A place by its title. */
  lack: the,
  missing: (what: string[]) =>
    `Still needed: ${what.length > 1 ? `${what.slice(0, -1).join(", ")} and ${what.at(-1)}` : what[0]}.`,
  failed: (name: string, why: string) =>
    `${name} could not be added. ${why} Remove it, try again, or choose another one.`,
  checkSettings: "One of the settings needs another value: the note stands beside it.",
  wait: "One moment, the files are still uploading.",
  /** Beside a sentence on what would work. */
  instead: "Take that instead",
  says: {
    chunks: (n: number) => `${n} ${n === 1 ? "chunk" : "chunks"}`,
    film: (frames: number, rate: number, width: number, height: number) =>
      `${frames} frames at ${Math.round(rate)} fps, ${width}×${height}`,
    picture: (width: number, height: number) => `A picture, ${width}×${height}`,
    about: "About",
    range: (low: number, high: number) => `(${span(low)} to ${span(high)})`,
    first: "Starts at once",
    position: "Position",
    inQueue: (seconds: number | null) =>
      seconds === null ? "in the queue" : `in the queue, starts in ${span(seconds)}`,
    looking: "Working out what this will take",
    hint: (key: string) => `${key} makes the film, ? shows all keys.`,
  },
  quality: { label: "Quality", of: { draft: "Draft", auto: "Final" } },
  draftOnly: "Drafts only for now",
  settings: "Settings",
  takes: (count: string) => `${count} takes`,
  history: "Earlier words",
  undo: "Undo",
  redo: "Redo",
  keys: "Keyboard",
  offline: "The studio does not answer. Your work is kept here.",
  signIn: { text: "Your session has ended. Your work is kept here.", link: "Sign in" },
};
