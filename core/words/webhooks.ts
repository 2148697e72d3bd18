/** The words of webhooks in the language of this studio. */
export { webhooks } from "./en/webhooks.ts";
