/** The words of pages that move by themselves, in the language of this studio. */
export { live } from "./en/live.ts";
