/** The words of projects in the language of this studio. */
export { projects } from "./en/projects.ts";
