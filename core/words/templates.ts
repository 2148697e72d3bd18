/** The words of templates in the language of this studio. */
export { templates } from "./en/templates.ts";
