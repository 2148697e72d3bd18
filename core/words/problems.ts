/** What went wrong, in the language of this studio. */
export { problems } from "./en/problems.ts";
