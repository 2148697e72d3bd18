/** Calls the studio's API from the page. */
import type { ProblemAnswer } from "@/core/shown.ts";
import { asSentence } from "@/core/words/format.ts";

/** Without a problem the studio could not be reached, or something in between answered. */
export type Reply<Body> = { ok: true; body: Body } | { ok: false; problem: ProblemAnswer | null };

/** A name that nothing else has. Plain http has no `randomUUID`. */
export function newKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

export async function call<Body>(
  method: string,
  path: string,
  { body, signal, once }: { body?: unknown; signal?: AbortSignal; once?: string } = {},
): Promise<Reply<Body>> {
  const headers = new Headers();
  if (body !== undefined) headers.set("content-type", "application/json");
  if (once) headers.set("idempotency-key", once);
  try {
    const answer = await fetch(`/api${path}`, {
      method,
      headers,
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok) return { ok: true, body: text === "" ? null : JSON.parse(text) };
    return { ok: false, problem: problemIn(text) };
  } catch {
    return { ok: false, problem: null };
  }
}

export function problemIn(text: string): ProblemAnswer | null {
  try {
    const problem = JSON.parse(text);
    return typeof problem?.code === "string" ? problem : null;
  } catch {
    return null;
  }
}

/** The most telling sentences of a refusal. */
export function sentencesOf({ title, fields }: ProblemAnswer): string {
  return fields?.map(({ message }) => asSentence(message)).join(" ") || title;
}
