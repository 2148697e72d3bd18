/** Sends the request once, however often the answer gets lost, and keeps what was refused beside its field. */
import { useRef, useState } from "preact/hooks";
import { standingNotes } from "@/core/composer.ts";
import type { ProblemAnswer, ShownField } from "@/core/shown.ts";
import { call, newKey } from "./call.ts";

type Request = Record<string, unknown>;

/** Of a form that was sent without a script. */
export interface Refused {
  notes: ShownField[];
  problem: ProblemAnswer | null;
}

export interface Sending {
  isSending: boolean;
  /** About fields that still have the value that was refused. */
  notes: ShownField[];
  /** A refusal that is about no field; null when the studio did not answer. */
  refusal: { problem: ProblemAnswer | null } | null;
  /** How many films it made; 0 when it was refused. */
  send(): Promise<number>;
}

export function useSending(request: Request, first: Refused | null): Sending {
  const [isSending, setSending] = useState(false);
  const [refused, setRefused] = useState<
    { notes: ShownField[]; sent: Request; problem?: ProblemAnswer | null }
  >(
    { notes: [], ...first, sent: request },
  );
  const last = useRef({ text: "", once: "" });
  return {
    isSending,
    notes: standingNotes(refused.notes, { sent: refused.sent, now: request }),
    refusal: refused.problem !== undefined && refused.notes.length === 0
      ? { problem: refused.problem }
      : null,
    async send() {
      const text = JSON.stringify(request);
      // The same request after a lost answer is the same film, not another one.
      if (last.current.text !== text) last.current = { text, once: newKey() };
      setSending(true);
      const { once } = last.current;
      const reply = await call<{ items: unknown[] }>("POST", "/jobs", { body: request, once });
      setSending(false);
      if (!reply.ok) {
        setRefused({ notes: reply.problem?.fields ?? [], sent: request, problem: reply.problem });
        return 0;
      }
      last.current.text = "";
      setRefused({ notes: [], sent: request });
      return reply.body.items.length;
    },
  };
}
