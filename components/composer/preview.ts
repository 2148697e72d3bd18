/** Asks the studio what would happen, a little after every change; the newest answer wins. */
import { useEffect, useState } from "preact/hooks";
import type { ShownPreview } from "@/core/shown_preview.ts";
import { composer } from "@/core/words/composer.ts";
import { call } from "./call.ts";

const SETTLE_MS = 250;
/** The queue moves while the person thinks. */
const AGAIN_MS = 20_000;

export interface Foresight {
  /** The newest answer; null before the first one. */
  preview: ShownPreview | null;
  isLooking: boolean;
  /** Why there is no answer, in a sentence. */
  trouble: string | null;
}

/** `turn` asks anew although nothing changed. */
export function useForesight(request: Record<string, unknown>, turn: number): Foresight {
  const [seen, setSeen] = useState<Foresight>({ preview: null, isLooking: false, trouble: null });
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
      setSeen({ preview: reply.ok ? reply.body : null, isLooking: false, trouble });
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
  return seen;
}
