/** English: a job's page: what stands in the picture's place, its parts, its way, and what can be done now. */
import type { Status } from "../../status.ts";
import { about, type Range } from "./format.ts";

/** What one stage of the way is called: while it lasts, when it is over, and before. */
export interface StageWords {
  now: string;
  done: string;
  todo: string;
}

const STAGES: Partial<Record<Status, StageWords>> = {
  validating: { now: "Checking the files", done: "Checked", todo: "Check the files" },
  uploading_assets: { now: "Preparing the files", done: "Prepared the files", todo: "Prepare the files" },
  queued: { now: "Waiting for a render server", done: "Waited", todo: "Wait for a render server" },
  executing: { now: "Rendering", done: "Rendered", todo: "Render" },
  collecting_outputs: { now: "Joining, sound, poster", done: "Joined", todo: "Joining, sound, poster" },
  quality_check: { now: "Measuring the result", done: "Measured", todo: "Measure the result" },
};

/** Where the job makes a picture and no film. */
const ofPicture = {
  stages: {
    ...STAGES,
    collecting_outputs: { now: "Finishing the picture", done: "Finished", todo: "Finish the picture" },
  } as Partial<Record<Status, StageWords>>,
  draftHint: "A draft shows the way, not the look. It is never counted as a finished picture.",
  backToFilm: "Back to the picture",
  cancelledText: "You stopped this picture.",
  waits: "This picture starts as soon as a render server is free.",
  notStarted: "This picture waits for you to start it.",
  whatToDo: {
    later: "Try again: it goes on where it stopped.",
    ask: "Change what is asked for, or try again: it goes on where it stopped.",
    never: "Start a new picture with other settings or files.",
  },
  watchKept: "Look at what is kept",
  /** Turns of the way that are told otherwise than those of a film. */
  turns: {
    collecting_outputs: "The picture is being finished.",
    completed: "The picture is ready.",
  } as Record<string, string>,
  gone: "This picture was deleted for good.",
  trashed: "This picture is in the trash, and will be deleted for good when the trash is emptied.",
};

export const job = {
  ofPicture,
  turns: {} as Record<string, string>,
  films: "Films",
  where: "You are here",
  part: (n: number) => `Part ${n}`,
  stages: STAGES,
  rendering: (part: number, total: number) =>
    total === 1 ? "Rendering" : `Rendering part ${part} of ${total}`,
  pausedBefore: (part: number, total: number) => `Paused before part ${part} of ${total}`,
  rendered: (total: number) => total === 1 ? "Rendered" : `Rendered ${total} parts`,
  soFar: (now: string, all: string) => `The film so far · ${now} of ${all}`,
  live: "Live preview",
  draft: "Draft",
  draftHint: "A draft shows the way, not the look. It is never counted as a finished film.",
  take: (part: number, take: number) => `Part ${part}, take ${take}`,
  backToFilm: "Back to the film",
  progress: "Progress",
  left: (range: Range) => `about ${about(range)} left`,
  soon: "any moment now",
  /** The estimate has run out, and the end is not near. */
  longer: "longer than expected",
  took: (span: string) => `took ${span}`,
  states: {
    completed: "Ready",
    failed: "Failed",
    cancelled: "Cancelled",
    paused: "Paused",
    pausing: "Pausing",
  },
  failedAt: "What happened",
  kept: (done: number, total: number) =>
    done === 0
      ? "Nothing had been made yet."
      : done === total
      ? "Every part is kept; only joining them is left."
      : `${done} of ${total} parts ${done === 1 ? "is" : "are"} kept and will not be made again.`,
  whatToDo: {
    later: "Try again: it goes on where it stopped.",
    ask: "Change what is asked for, or try again: it goes on where it stopped.",
    never: "Try again, or start a new film with other settings or files.",
  },
  lighter: (preset: string) =>
    `It did not fit into the server's memory twice. With the preset “${preset}” it needs less; what is done stays.`,
  watchKept: "Watch what is kept",
  cancelledText: "You stopped this film.",
  waits: "This film starts as soon as a render server is free.",
  place: (place: number) => `Place ${place} in the queue.`,
  starts: (range: Range) => range.seconds < 5 ? "starts in a moment" : `starts in about ${about(range)}`,
  leave: "You can leave this page.",
  notStarted: "This film waits for you to start it.",
  parts: "Parts",
  tile: {
    next: "next",
    failed: "failed",
    waits: "waits",
    again: "tried again",
    left: (clock: string) => `${clock} left`,
    take: (n: number, take: number) => `${n} · take ${take}`,
    stale: "Made from an older take of the part before it",
    play: (n: number) => `Play part ${n}`,
    watch: (n: number) => `Watch part ${n} being drawn`,
    retake: (n: number) => `Take part ${n} again`,
    takes: (n: number) => `Takes of part ${n}`,
    choose: (take: number, isUsed: boolean) => isUsed ? `Take ${take}, used in the film` : `Take ${take}`,
    attempt: (n: number) => `try ${n}`,
  },
  do: {
    start: "Start",
    cancel: "Cancel",
    cancelling: "Stopping",
    pause: "Pause",
    pauseAfter: "Pause after this part",
    pauseNow: "Pause now",
    resume: "Go on",
    retry: "Try again",
    retryWith: (preset: string) => `Try again with “${preset}”`,
    share: "Share a link",
    duplicate: "Make another one",
    delete: "Move to the trash",
    restore: "Take it out of the trash",
    download: "Download",
    compare: "Compare takes",
    settings: "Use these settings",
    more: "More",
    retake: "Take it again",
    close: "Leave it",
  },
  gone: "This film was deleted for good.",
  trashed: "This film is in the trash, and will be deleted for good when the trash is emptied.",
  gate: {
    text: (title: string) => `${title} is there and waits for you.`,
    firstPass: (n: number) => `The first pass of part ${n}`,
    why: "Nothing more is made before you say so, and no render server is kept busy.",
    waits: "Waiting for you",
    go: "Go on with it",
    again: "Take it again",
  },
  choice: {
    text: (n: number) => `The new take of part ${n} is there.`,
    why: "The parts after it were made from the old take.",
    waits: "Waiting for your choice",
    rerun: "Re-run what follows",
    keep: "Use as it is",
  },
  happened: "What happened",
  earlier: "Earlier",
  refused: "That did not work.",
  noAnswer: "The studio does not answer. Nothing was changed; try again in a moment.",
  titles: {
    at: (percent: string, name: string) => `${percent} · ${name}`,
    state: (state: string, name: string) => `${state} · ${name}`,
  },
};
