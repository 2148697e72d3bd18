/** The words of the servers that operators set up in the language of this studio. */
export { servers } from "./en/servers.ts";
