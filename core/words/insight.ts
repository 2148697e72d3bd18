/** The words of what operators look into in the language of this studio. */
export { insight } from "./en/insight.ts";
