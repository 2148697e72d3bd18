/** The words of the audit log in the language of this studio. */
export { audit } from "./en/audit.ts";
