/** The library's words in the language of this studio. */
export { library } from "./en/library.ts";
