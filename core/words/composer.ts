/** The composer's words in the language of this studio. */
export { composer } from "./en/composer.ts";
