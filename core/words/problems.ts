/** What went wrong, in the language of this studio. */
export { closer, problems } from "./en/problems.ts";
