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
      {items.length === 0
        ? <p class="second small">{words.none}</p>
        : (
          <table class="dense shelved actors num">
            <thead>
              <tr>
                {[words.person, words.day, words.month, words.disk].map((title) => (
                  <th key={title} scope="col">{title}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.userId}>
                  <td>{item.email ?? words.left}</td>
                  <td data-name={words.day}>{cell(item.day)}</td>
                  <td data-name={words.month}>{cell(item.month)}</td>
                  <td data-name={words.disk}>{bytes(item.diskBytes)}</td>
                </tr>
              ))}
              <tr>
                <td>{words.all}</td>
                <td data-name={words.day}>{cell(sum("day"))}</td>
                <td data-name={words.month}>{cell(sum("month"))}</td>
                <td data-name={words.disk}>{bytes(items.reduce((all, item) => all + item.diskBytes, 0))}</td>
              </tr>
            </tbody>
          </table>
        )}
    </section>
  );
}
