/** The queue's words in the language of this studio. */
export { queue } from "./en/queue.ts";
