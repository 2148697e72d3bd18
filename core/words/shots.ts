/** What plans of one prompt say, in the language of this studio. */
export { shots } from "./en/shots.ts";
