/** The front page's words in the language of this studio. */
export { front } from "./en/front.ts";
