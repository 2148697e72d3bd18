/** The words of the API tokens in the language of this studio. */
export { tokens } from "./en/tokens.ts";
