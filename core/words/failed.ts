/** The words of films that failed in the language of this studio. */
export { failed } from "./en/failed.ts";
