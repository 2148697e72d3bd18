/** The words of the player and of comparing, in the language of this studio. */
export { compare, player } from "./en/player.ts";
