<<<<<<< HEAD
/** Many takes of one request, in the language of this studio. */
=======
/** The words of long takes in the language of this studio. */
>>>>>>> main
export { takes } from "./en/takes.ts";
