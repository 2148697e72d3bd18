/** Words of what servers lack in the language of this studio. */
export { preflight } from "./en/preflight.ts";
