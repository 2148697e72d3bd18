/** The words of a job's page, in the language of this studio. */
export { job } from "./en/job.ts";
