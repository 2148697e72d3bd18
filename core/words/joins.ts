/** The words of how pieces of a long take meet, in the language of this studio. */
export { joins } from "./en/joins.ts";
