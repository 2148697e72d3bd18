/** Problems as answers: application/problem+json with code, verdict and field paths, and never a stack. */
import { z } from "@hono/zod-openapi";
import type { ZodError } from "zod";
import { HTTPException } from "hono/http-exception";
import { describeIssue } from "@/core/issue.ts";
import {
  fail,
  type FieldNote,
  type Problem,
  problem,
  problemOf,
  PROBLEMS,
  StudioError,
} from "@/core/problem.ts";
import type { Call } from "./env.ts";

export const ProblemAnswer = z.object({
  type: z.string().openapi({ description: "urn:animatrix:problem:{code}" }),
  title: z.string(),
  status: z.int(),
  code: z.string().openapi({ example: "request.invalid" }),
  retry: z.enum(["later", "never", "ask"]),
  retryAfterMs: z.number().optional(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  operator: z.string().optional().openapi({ description: "Only for operators." }),
}).openapi("Problem");

/** A problem inside another answer, without what is for operators alone. */
export const ShownProblem = z.object({
  code: z.string(),
  retry: z.enum(["later", "never", "ask"]),
  message: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  operator: z.string().optional(),
}).openapi("ShownProblem");

/** The part of a problem that its reader may see. */
export function showProblem(given: Problem, options: { operator: boolean }): z.infer<typeof ShownProblem> {
  const { code, retry, message, detail } = given;
  const shown = { code, retry, message, ...(detail ? { detail } : {}) };
  return options.operator && given.operator ? { ...shown, operator: given.operator } : shown;
}

export function answerProblem(c: Call, given: Problem): Response {
  const status = PROBLEMS[given.code].status;
  const body: z.infer<typeof ProblemAnswer> = {
    type: `urn:animatrix:problem:${given.code}`,
    title: given.message,
    status,
    code: given.code,
    retry: given.retry,
  };
  if (given.retryAfterMs !== undefined) body.retryAfterMs = given.retryAfterMs;
  if (given.detail) body.detail = given.detail;
  if (given.fields) body.fields = given.fields;
  if (given.operator && c.get("user")?.role === "operator") body.operator = given.operator;
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  if (given.retryAfterMs !== undefined) {
    headers.set("retry-after", String(Math.ceil(given.retryAfterMs / 1000)));
  }
  return new Response(JSON.stringify(body), { status, headers });
}

/** The last catch of the API. What is not a problem of ours is logged and answered as a bug. */
export function answerThrown(c: Call, thrown: unknown): Response {
  if (thrown instanceof HTTPException) {
    return answerProblem(c, problem(thrown.status === 413 ? "request.too_large" : "request.malformed"));
  }
  const given = problemOf(thrown);
  if (given.code === "studio.bug") {
    c.env.studio.log.error("request failed", {
      method: c.req.method,
      path: c.req.path,
      error: given.operator,
      stack: thrown instanceof Error ? thrown.stack : undefined,
    });
  }
  return answerProblem(c, given);
}

/** Field notes of a failed schema; an unknown field is named by its own path. */
export function fieldsOf(error: Pick<ZodError, "issues">): FieldNote[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...issue.path, key].join("."),
        message: "This field is not known here.",
      }));
    }
    return [{ path: issue.path.join("."), message: sentenceOf(issue) }];
  });
}

function sentenceOf(issue: ZodError["issues"][number]): string {
  const isWhole = issue.code === "invalid_type" && issue.path.length === 0;
  return isWhole ? "The request must be a JSON object." : describeIssue(issue);
}

/** One problem that carries every field of several. */
export function joinProblems(problems: Problem[]): StudioError {
  const [first] = problems;
  if (first === undefined) return fail("studio.bug", { operator: "a refusal without a reason" });
  if (problems.length === 1) return new StudioError(first);
  return new StudioError({ ...first, fields: problems.flatMap((one) => one.fields ?? []) });
}

/** Shorthand for a refusal about one field. */
export function failField(path: string, message: string): StudioError {
  return fail("request.invalid", { fields: [{ path, message }] });
}

/** What each refusal means; other statuses may not be declared. */
export const REFUSALS = {
  400: "The request could not be read.",
  401: "Nobody is signed in, or the token is not good.",
  403: "Not allowed.",
  404: "It does not exist, or it is not yours.",
  409: "Not possible as things stand.",
  410: "It is no longer there for whoever asks.",
  411: "The length of the body is not said.",
  413: "Too large.",
  415: "Wrong content type or type of file.",
  422: "Fields need another value.",
  429: "Too many tries, or the queue is full.",
  503: "The studio cannot answer now.",
  507: "The disk is full.",
} as const;
export type Refusal = keyof typeof REFUSALS;

const CONTENT = { "application/problem+json": { schema: ProblemAnswer } };

/** The refusals that a route declares: those of its own. What its guards answer is added by `api/document.ts`. */
export function refusals<Status extends Refusal>(...statuses: Status[]) {
  const entries = statuses.map((status) => [status, { description: REFUSALS[status], content: CONTENT }]);
  return Object.fromEntries(entries) as Record<Status, { description: string; content: typeof CONTENT }>;
}
