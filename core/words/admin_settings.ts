/** The words of the operators' settings in the language of this studio. */
export { settings } from "./en/admin_settings.ts";
