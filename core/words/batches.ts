/** Many takes of one request, in the language of this studio. */
export { batches } from "./en/batches.ts";
