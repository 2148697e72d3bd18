/** The words of taking a part again, in the language of this studio. */
export { retake } from "./en/retake.ts";
