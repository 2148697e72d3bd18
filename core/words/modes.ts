/** The names of the modes in the language of this studio. */
export { modes } from "./en/modes.ts";
