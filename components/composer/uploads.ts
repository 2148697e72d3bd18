/** Sends files as soon as they are attached, tells how far they are, and begins again by itself when a connection breaks. */
import type { ProblemAnswer, ShownAsset } from "@/core/shown.ts";
import { call, problemIn, sentencesOf } from "./call.ts";

export interface Transfer {
  state: "sending" | "reading" | "waiting" | "failed";
  /** 0 to 1. */
  share: number;
  /** Why it failed, in the studio's words. */
  why: string;
}

export interface Uploads {
  /** Sends a held file unless it is under way. */
  send(key: string): void;
  stop(key: string): void;
}

const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000, 15_000];

/** A refusal, or without a problem a broken connection. */
class Refused extends Error {
  constructor(readonly problem: ProblemAnswer | null) {
    super();
  }
}

/** `held` are the files of the page by key; they go into the project that the film is made in. */
export function openUploads(
  { held, projectId }: { held: Map<string, File>; projectId: string | null },
  tell: (key: string, news: Transfer | ShownAsset) => void,
): Uploads {
  const running = new Map<string, AbortController>();

  async function run(key: string, file: File, signal: AbortSignal): Promise<void> {
    let id = "";
    for (let tries = 0;; tries++) {
      try {
        tell(key, { state: "sending", share: 0, why: "" });
        id ||= await makeEntry({ name: file.name || "file", projectId }, `${key}-${tries}`, signal);
        const onShare = (share: number) =>
          tell(key, { state: share < 1 ? "sending" : "reading", share, why: "" });
        return tell(key, await put(id, file, { signal, onShare }));
      } catch (cause) {
        if (signal.aborted) return void (id && call("DELETE", `/assets/${id}`));
        const problem = cause instanceof Refused ? cause.problem : null;
        if (problem && isFinal(problem)) {
          return tell(key, { state: "failed", share: 0, why: sentencesOf(problem) });
        }
        // An entry that is gone or taken is made anew.
        if (problem && problem.status < 500) id = "";
        tell(key, { state: "waiting", share: 0, why: "" });
        await pause(BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length - 1)] ?? 0, signal);
        if (signal.aborted) return;
      }
    }
  }

  return {
    send(key) {
      const file = held.get(key);
      if (!file || running.has(key)) return;
      const ending = new AbortController();
      running.set(key, ending);
      void run(key, file, ending.signal).finally(() => {
        if (running.get(key) === ending) running.delete(key);
      });
    },
    stop(key) {
      running.get(key)?.abort();
      running.delete(key);
    },
  };
}

const TRIED_AGAIN = ["asset.truncated", "request.not_found", "request.conflict"];

function isFinal({ code, retry }: ProblemAnswer): boolean {
  return retry !== "later" && !TRIED_AGAIN.includes(code);
}

async function makeEntry(
  { name, projectId }: { name: string; projectId: string | null },
  once: string,
  signal: AbortSignal,
): Promise<string> {
  const made = await call<ShownAsset>("POST", "/assets", {
    body: projectId === null ? { name } : { name, projectId },
    once,
    signal,
  });
  if (!made.ok) throw new Refused(made.problem);
  return made.body.id;
}

/** `XMLHttpRequest`, because `fetch` does not tell how much is sent. */
function put(
  id: string,
  file: File,
  { signal, onShare }: { signal: AbortSignal; onShare(share: number): void },
): Promise<ShownAsset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/assets/${id}/content`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onShare(total > 0 ? Math.min(loaded / total, 1) : 0);
    request.upload.onload = () => onShare(1);
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else reject(new Refused(problemIn(request.responseText)));
    };
    request.onerror = request.ontimeout = request.onabort = () => reject(new Refused(null));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Waits, but not longer than until the browser is online again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}
