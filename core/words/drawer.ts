/** The words of the composer's settings in the language of this studio. */
export { drawer } from "./en/drawer.ts";
