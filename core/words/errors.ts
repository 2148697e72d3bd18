/** The words of the error pages in the language of this studio. */
export { errors, type ErrorWords } from "./en/errors.ts";
