/** The demo films' words in the language of this studio. */
export { demo } from "./en/demo.ts";
