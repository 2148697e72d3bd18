/** The words of the composer's menus in the language of this studio. */
export { menus } from "./en/menus.ts";
