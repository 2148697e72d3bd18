/** Asks the studio what would happen, a little after every change; the newest answer wins. */
import { useEffect, useState } from "preact/hooks";
import { standingNotes } from "@/core/composer.ts";
import type { ShownPreview } from "@/core/shown_preview.ts";
import { composer } from "@/core/words/composer.ts";
import { call } from "./call.ts";

const SETTLE_MS = 250;
/** The queue moves while the person thinks. */
const AGAIN_MS = 20_000;

export interface Foresight {
  /** The newest answer, without what it says of values that have changed since; null before the first one. */
  preview: ShownPreview | null;
  isLooking: boolean;
  /** Why there is no answer, in a sentence. */
  trouble: string | null;
}

type Seen = Foresight & {
  /** What the answer is about. */
  sent: Record<string, unknown>;
};

/** `turn` asks anew although nothing changed. */
export function useForesight(request: Record<string, unknown>, turn: number): Foresight {
  const [{ sent, ...seen }, setSeen] = useState<Seen>({
    preview: null,
    isLooking: false,
    trouble: null,
    sent: {},
  });
  // Which words they are changes nothing.
  const asked = JSON.stringify({ ...request, ...("prompt" in request ? { prompt: "words" } : {}) });
  useEffect(() => {
    const ending = new AbortController();
    const ask = async () => {
      if (document.hidden) return;
      const reply = await call<ShownPreview>("POST", "/jobs/preview", {
        body: JSON.parse(asked),
        signal: ending.signal,
      });
      if (ending.signal.aborted) return;
      const trouble = reply.ok ? null : reply.problem?.title ?? composer.offline;
      setSeen({ preview: reply.ok ? reply.body : null, isLooking: false, trouble, sent: request });
    };
    setSeen((before) => ({ ...before, isLooking: true }));
    const first = setTimeout(ask, SETTLE_MS);
    const again = setInterval(ask, AGAIN_MS);
    return () => {
      ending.abort();
      clearTimeout(first);
      clearInterval(again);
    };
  }, [asked, turn]);
  const { preview } = seen;
  if (!preview || sent === request) return seen;
  return {
    ...seen,
    preview: { ...preview, missing: standingNotes(preview.missing, { sent, now: request }) },
  };
}
