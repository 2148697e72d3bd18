/** The history of a job, in the language of this studio. */
export { events } from "./en/events.ts";
