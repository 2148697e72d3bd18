/** The words of the composer's sheets in the language of this studio. */
export { sheets } from "./en/sheets.ts";
