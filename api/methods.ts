/** What an address takes: a wrong method on a known one is told which are right. */
import type { Context } from "hono";
import { problem } from "@/core/problem.ts";
import type { Api, Env } from "./env.ts";
import { answerProblem } from "./problems.ts";

interface Known {
  pattern: RegExp;
  method: string;
}

/** Answers for what no route took. Reads the routes when it is first asked, when all of them are there. */
export function answerUntaken(api: Api): (c: Context<Env>) => Response {
  let known: Known[] | null = null;
  return (c) => {
    known ??= api.routes.filter(({ method }) => method !== "ALL").map(({ path, method }) => ({
      pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`),
      method,
    }));
    const methods = new Set(
      known.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method),
    );
    if (methods.size === 0) return answerProblem(c, problem("request.not_found"));
    if (methods.has("GET")) methods.add("HEAD");
    const allowed = [...methods].sort().join(", ");
    const answer = answerProblem(c, problem("request.method", { detail: { allowed } }));
    answer.headers.set("allow", allowed);
    return answer;
  };
}
