/** How long the render server idles between two prompts while others wait, by its own timestamps. */
import { z } from "zod";
import { openRig } from "@/tests/rig/rig.ts";
import { at, print, sortUp } from "./report.ts";

const FILMS = 40;
/** Milliseconds of a sampler step; the fast preset has four. */
const STEP_MS = 50;

const Message = z.tuple([z.string(), z.looseObject({ timestamp: z.number().optional() })]);
const History = z.record(
  z.string(),
  z.looseObject({ status: z.looseObject({ messages: z.array(Message) }) }),
);

export async function benchGap(): Promise<void> {
  await using rig = await openRig({ stepMs: STEP_MS });
  const { person, draft } = rig;
  const cast = await person.bringCast();
  const ids: string[] = [];
  for (let n = 0; n < FILMS; n++) {
    ids.push((await person.perform(cast, { seconds: 0.1, seed: String(n) })).id);
  }
  for (const id of ids) await person.waitForEnd(id, 300_000);
  const answer = await fetch(`${draft.url}/history?max_items=1000`);
  const spans = Object.values(History.parse(await answer.json())).map(({ status }) => {
    const timeOf = (type: string) => status.messages.find(([name]) => name === type)?.[1].timestamp ?? NaN;
    return { start: timeOf("execution_start"), end: timeOf("execution_success") };
  }).sort((a, b) => a.start - b.start);
  const gaps: number[] = [];
  for (const [n, span] of spans.entries()) {
    const next = spans[n + 1];
    if (next) gaps.push(next.start - span.end);
  }
  const sorted = sortUp(gaps);
  const wholeMs = (spans.at(-1)?.end ?? 0) - (spans[0]?.start ?? 0);
  const busyMs = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const idle = 1 - busyMs / wholeMs;
  print({ bench: "gap.prompt", value: busyMs / spans.length, unit: "ms per prompt", prompts: spans.length });
  print({ bench: "gap.p50", value: at(sorted, 0.5), unit: "ms", target: "<= 5" });
  print({ bench: "gap.p95", value: at(sorted, 0.95), unit: "ms" });
  print({ bench: "gap.idle", value: idle, unit: "share", target: "< 0.02" });
}
