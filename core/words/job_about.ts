/** The words of the still parts of a job's page, in the language of this studio. */
export { about } from "./en/job_about.ts";
