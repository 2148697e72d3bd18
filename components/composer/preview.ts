/** Asks the studio what would happen, a little after every change; the newest answer wins. */
import { useEffect, useState } from "preact/hooks";
import type { ShownPreview } from "@/core/shown.ts";
import { call } from "./call.ts";

const SETTLE_MS = 250;
/** The queue moves while the person thinks. */
const AGAIN_MS = 20_000;

export interface Foresight {
  /** The newest answer; null before the first one. */
  preview: ShownPreview | null;
  isLooking: boolean;
  /** The studio did not answer. */
  isCut: boolean;
}

/** `turn` asks anew although nothing changed. */
export function useForesight(request: Record<string, unknown>, turn: number): Foresight {
  const [seen, setSeen] = useState<Foresight>({ preview: null, isLooking: false, isCut: false });
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
      if (reply.ok) return setSeen({ preview: reply.body, isLooking: false, isCut: false });
      const preview = reply.problem?.status === 422 ? refused(reply.problem.fields ?? []) : null;
      setSeen({ preview, isLooking: false, isCut: preview === null });
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

/** What cannot even be read as a request is shown like what cannot be planned. */
function refused(missing: ShownPreview["missing"]): ShownPreview {
  return {
    ok: false,
    missing,
    size: null,
    frames: null,
    frameRate: null,
    seconds: null,
    chunks: null,
    notes: [],
    engine: "draft",
    estimate: null,
    queue: { position: 0, startsInSeconds: null },
  };
}
