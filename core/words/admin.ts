/** The operators' words in the language of this studio. */
export { admin } from "./en/admin.ts";
