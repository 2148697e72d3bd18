/** The words on films in lists, in the language of this studio. */
export { films } from "./en/films.ts";
