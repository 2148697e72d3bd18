/** English: what a plan of one prompt says of its files and of its work. */
import { the } from "./format.ts";

const KINDS = { image: "a picture", video: "a clip", audio: "a recording" } as const;
/** A title that says the kind of its file itself. */
const TELLS = /picture|clip|recording/i;

export const shots = {
  /** Answers of the models' own settings. */
  choices: {
    none: "None",
    static: "Static",
    dolly_in: "Dolly in",
    dolly_out: "Dolly out",
    dolly_left: "Dolly left",
    dolly_right: "Dolly right",
    jib_up: "Jib up",
    jib_down: "Jib down",
    outlines: "Outlines",
    poses: "Poses",
  } as Record<string, string>,
  add: (kind: keyof typeof KINDS, title: string) =>
    TELLS.test(title) ? `Add ${the(title)}.` : `Add ${KINDS[kind]}: ${the(title)}.`,
  addFor: (title: string, setting: string) =>
    `Add ${the(title)}: the setting “${setting}” needs it. Or set that to none.`,
  unused: (count: number) =>
    count === 1 ? "One file is not used by this model." : `${count} files are not used by this model.`,
  idle: (title: string, setting: string) =>
    `The ${title.toLowerCase()} changes nothing while the setting “${setting}” is none.`,
  heavySize: (width: number, height: number) =>
    `${width} × ${height} is much for this model: it may run out of memory or take very long. A smaller size is safer.`,
  heavyLength: (seconds: number) =>
    `More than ${seconds} seconds is much for this model: it may run out of memory or take very long. A shorter length is safer.`,
};
