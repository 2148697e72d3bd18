/** The words of limits, use and cost in the language of this studio. */
export { quota } from "./en/quota.ts";
