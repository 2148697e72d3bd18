/** Who used how much of the studio, today and within 30 days, and what it cost. */
import type { ShownSpend } from "@/core/shown_use.ts";
import { bytes } from "@/core/words/format.ts";
import { quota } from "@/core/words/quota.ts";

const words = quota.spend;

export function Spend({ spend: { items, currency } }: { spend: ShownSpend }) {
  const cell = ({ gpuSeconds, money }: ShownSpend["items"][number]["day"]) =>
    [quota.own.minutes(gpuSeconds), money > 0 && quota.money(money, currency)].filter(Boolean).join(", ");
  const sum = (of: "day" | "month") => ({
    gpuSeconds: items.reduce((all, item) => all + item[of].gpuSeconds, 0),
    money: items.reduce((all, item) => all + item[of].money, 0),
  });
  return (
    <section aria-labelledby="spend">
      <h2 id="spend" class="label">{words.title}</h2>
      {items.length === 0 ? <p class="second small">{words.none}</p> : (
        <ul class="plain house">
          {items.map((item) => (
            <li key={item.userId}>
              <span>{item.email ?? words.left}</span>
              <span class="second num">{words.day(cell(item.day))}</span>
              <span class="second num">{words.month(cell(item.month))}</span>
              <span class="quiet num">{words.disk(bytes(item.diskBytes))}</span>
            </li>
          ))}
          <li>
            <span>{words.all}</span>
            <span class="second num">{words.day(cell(sum("day")))}</span>
            <span class="second num">{words.month(cell(sum("month")))}</span>
          </li>
        </ul>
      )}
    </section>
  );
}
