/** What one may use of the studio and what one uses. */
import type { ShownUse } from "@/core/shown_use.ts";
import { bytes } from "@/core/words/format.ts";
import { quota } from "@/core/words/quota.ts";

const words = quota.own;

export function UseFacts({ use }: { use: ShownUse }) {
  const { limits } = use;
  const or = <Limit,>(limit: Limit | null, tell: (limit: Limit) => string) =>
    limit === null ? null : tell(limit);
  const facts = [
    [words.queued, words.of(String(use.queued), String(limits.queued))],
    [words.running, words.of(String(use.running), or(limits.running, String))],
    [
      words.gpu,
      words.of(
        withReserved(use.gpuSeconds, use.reserved.gpuSeconds, words.minutes),
        or(limits.gpuMinutes, (n) => words.minutes(n * 60)),
      ),
    ],
    [
      words.disk,
      words.of(withReserved(use.diskBytes, use.reserved.bytes, bytes), or(limits.diskBytes, bytes)),
    ],
    ...(use.money > 0 ? [[words.money, quota.money(use.money, use.currency)]] : []),
  ];
  return (
    <section>
      <h2>{words.title}</h2>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd class="num">{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function withReserved(used: number, reserved: number, tell: (amount: number) => string): string {
  return reserved > 0 ? words.reserved(tell(used), tell(reserved)) : tell(used);
}
