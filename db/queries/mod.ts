/** The door to all read-only queries. Those that take `ownerId` answer for that person alone; the admin ones for operators. */
export * from "./admin.ts";
export * from "./assets.ts";
export * from "./cursor.ts";
export * from "./events.ts";
export { findFailed, listFailed } from "./failed.ts";
export * from "./job_detail.ts";
export * from "./job_records.ts";
export * from "./pace.ts";
export * from "./queue.ts";
export { type JobFilter, type JobItem, listEveryJob, listJobs, type ListOptions, listTrash } from "./jobs.ts";
export * from "./room.ts";
export * from "./use.ts";
