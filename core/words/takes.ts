/** The words of long takes in the language of this studio. */
export { takes } from "./en/takes.ts";
