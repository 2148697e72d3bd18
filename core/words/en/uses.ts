/** English: why a file cannot be deleted: which job needs it, and what to do with that job. */

export const uses = {
  waits: (title: string) =>
    `The job “${title}” has not been started yet and needs this file. Start it and wait, or cancel it first.`,
  paused: (title: string) =>
    `The job “${title}” is paused and needs this file to go on. Resume it and wait, or cancel it first.`,
};
