/** The words of people and invitations in the language of this studio. */
export { people } from "./en/people.ts";
