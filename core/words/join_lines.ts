/** The words of what is known of each join of a long take, in the language of this studio. */
export { joinLines } from "./en/join_lines.ts";
