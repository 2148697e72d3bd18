/** The words of the error pages in the language of this studio. */
export { type ErrorWords, errors } from "./en/errors.ts";
