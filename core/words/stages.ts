/** What a job does or waits for, in the language of this studio. */
export { stages } from "./en/stages.ts";
