/** The words of the queue as a file in the language of this studio. */
export { queueFile } from "./en/queue_file.ts";
