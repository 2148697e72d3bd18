/** The words of maintenance in the language of this studio. */
export { maintenance } from "./en/maintenance.ts";
