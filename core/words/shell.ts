/** The frame's words in the language of this studio. */
export { shell } from "./en/shell.ts";
