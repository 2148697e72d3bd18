/** Work on a finished film, in the language of this studio. */
export { finishing } from "./en/finishing.ts";
