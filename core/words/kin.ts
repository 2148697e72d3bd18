/** What belongs to a film, in the language of this studio. */
export { kin } from "./en/kin.ts";
