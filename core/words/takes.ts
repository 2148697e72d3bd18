/** Many takes of one request, in the language of this studio. */
export { takes } from "./en/takes.ts";
