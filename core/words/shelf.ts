/** Words of the shelf in the language of this studio. */
export { shelf } from "./en/shelf.ts";
