/** The studio page's words in the language of this studio. */
export { dashboard } from "./en/dashboard.ts";
