/** The operators' words in the language of this studio. */
export { line } from "./en/line.ts";
