/** The words of links in the language of this studio. */
export { share } from "./en/share.ts";
