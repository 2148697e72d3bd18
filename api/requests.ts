/** One id per request: in its answer, in its line of the log, and in the lines of the jobs that it asked for. */
import type { MiddlewareHandler } from "hono";
import type { Call, Env } from "./env.ts";

export const REQUEST_HEADER = "x-request-id";
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Requests that only read are told in detail alone. */
export const nameRequest: MiddlewareHandler<Env> = async (c, next) => {
  const { studio } = c.env;
  const request = studio.ids.uuid7();
  c.set("request", request);
  await next();
  c.header(REQUEST_HEADER, request);
  const { method, path } = c.req;
  const say = READS.has(method) ? studio.log.debug : studio.log.info;
  say("request answered", { request, method, path, status: c.res.status, user: c.get("user")?.id });
};

/** Jobs that this request asked for. */
export function noteJobs(c: Call, jobs: string[]): void {
  for (const job of jobs) c.env.studio.log.info("job asked for", { request: c.get("request"), job });
}
