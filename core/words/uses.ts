/** The words on files in use, in the language of this studio. */
export { uses } from "./en/uses.ts";
