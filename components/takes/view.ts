/** What the page of long takes says of them: what is missing, and what all of them come to. Pure. */
import type { ShownPreview } from "@/core/shown_preview.ts";
import type { TakeSheet } from "@/core/take_sheet.ts";
import type { Sent } from "./desk.ts";
import type { TakePlan, TakePlans } from "./plans.ts";

/** Why a take cannot be made as it is, in sentences. */
export function lacksOf(plan: TakePlan | null, sent: Sent | null): string[] {
  const { missing = [], servers = null } = plan?.preview ?? {};
  const said = servers === null ? missing.map(({ message }) => message) : [servers.says];
  const refused = sent === null || sent.job !== null || sent.says === "" ? [] : [sent.says];
  return [...new Set([...said, ...refused])];
}

export interface SheetTotal {
  /** Takes that can be made now. */
  ready: number;
  /** Files and takes that need their person first. */
  waiting: number;
  made: number;
  seconds: number;
  workS: number;
  place: number;
}

export function totalOf(
  { entries, bad }: TakeSheet,
  { plans, sent }: { plans: TakePlans; sent: Readonly<Record<string, Sent>> },
): SheetTotal {
  const open = entries.filter(({ key }) => !sent[key]?.job);
  const previews = open.flatMap(({ key }) => plans[key]?.preview ?? []);
  const good = previews.filter(({ ok }) => ok);
  const sum = (of: (preview: ShownPreview) => number) => good.reduce((all, one) => all + of(one), 0);
  return {
    ready: good.length,
    waiting: bad.length + previews.length - good.length,
    made: entries.length - open.length,
    seconds: sum(({ seconds }) => seconds ?? 0),
    workS: sum(({ estimate }) => estimate?.seconds ?? 0),
    place: good[0]?.queue.position ?? 1,
  };
}
