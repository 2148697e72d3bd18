/** Asks the studio how each take would be cut and how long it would take, a little after every change. Only for browsers. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownPreview } from "@/core/shown_preview.ts";
import { requestOfTake, type TakeSheet } from "@/core/take_sheet.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { call } from "../composer/call.ts";

const SETTLE_MS = 250;
/** After the studio did not answer. */
const AGAIN_MS = 5000;

/** What is known of one take's plan; without a preview, why not. */
export interface TakePlan {
  preview: ShownPreview | null;
  trouble: string | null;
}

export type TakePlans = Readonly<Record<string, TakePlan>>;

export function usePlans({ entries, way }: TakeSheet, first: TakePlans): TakePlans {
  const [plans, setPlans] = useState(first);
  const [turn, setTurn] = useState(0);
  const known = useRef(new Map<string, string>()).current;
  const wanted = entries.map((entry) => [entry.key, JSON.stringify(requestOfTake(entry, way))] as const);
  useEffect(() => {
    const ending = new AbortController();
    const timer = setTimeout(async () => {
      for (const [key, body] of wanted) {
        if (known.get(key) === body) continue;
        const plan = await askFor(body, ending.signal);
        if (ending.signal.aborted) return;
        if (plan.trouble === null) known.set(key, body);
        else setTimeout(() => setTurn((now) => now + 1), AGAIN_MS);
        setPlans((before) => ({ ...before, [key]: plan }));
        if (plan.trouble !== null) return;
      }
    }, SETTLE_MS);
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [JSON.stringify(wanted), turn]);
  return plans;
}

async function askFor(body: string, signal: AbortSignal): Promise<TakePlan> {
  for (;;) {
    const reply = await call<ShownPreview>("POST", "/jobs/preview", { body: JSON.parse(body), signal });
    if (reply.ok) return { preview: reply.body, trouble: null };
    const wait = reply.problem?.retryAfterMs;
    if (wait === undefined || signal.aborted) {
      return { preview: null, trouble: reply.problem?.title ?? words.offline };
    }
    // Many files at once are asked about one after the other, as fast as the studio lets them.
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
