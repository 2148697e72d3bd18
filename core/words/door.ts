/** The words of signing in and registering in the language of this studio. */
export { door } from "./en/door.ts";
