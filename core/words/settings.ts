/** The settings' words in the language of this studio. */
export { settings } from "./en/settings.ts";
