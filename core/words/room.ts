/** The words of storage in the language of this studio. */
export { room } from "./en/room.ts";
