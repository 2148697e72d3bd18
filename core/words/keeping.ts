/** The words of storage in the language of this studio. */
export { keeping } from "./en/keeping.ts";
