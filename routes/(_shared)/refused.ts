/** What a form shows again after the API refused it: the sentences, and the values that were entered. */
import type { ProblemAnswer } from "@/core/shown.ts";
import { asSentence } from "@/core/words/format.ts";

export interface Refused {
  /** One sentence above the form; empty where the fields say everything. */
  text: string;
  /** Sentences by field. */
  wrong: Record<string, string>;
}

export const NOT_REFUSED: Refused = { text: "", wrong: {} };

/** `fields` are those that the form has: what concerns none of them stands above it. */
export function refusedBy(problem: ProblemAnswer, fields: string[]): Refused {
  const wrong: Record<string, string> = {};
  for (const { path, message } of problem.fields ?? []) {
    if (fields.includes(path)) wrong[path] ??= asSentence(message);
  }
  return { text: Object.keys(wrong).length > 0 ? "" : problem.title, wrong };
}

/** Headers of a refusal that the page hands on. */
export function headersOf(response: Response): Headers {
  const headers = new Headers({ "cache-control": "no-store" });
  const wait = response.headers.get("retry-after");
  if (wait !== null) headers.set("retry-after", wait);
  return headers;
}

/** Headers of an answer that signs somebody in or out, for a redirect. */
export function cookieOf(response: Response): Headers {
  const headers = new Headers();
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return headers;
}
