/** The parts of the studio: each fine, strained, down or not configured, with its own note. */
import type { ShownHealth } from "@/core/shown_admin.ts";
import { admin } from "@/core/words/admin.ts";

const words = admin.house;
const DOT = {
  ok: "dot",
  degraded: "dot now",
  down: "dot bad",
  not_configured: "dot off",
  not_tried: "dot off",
};

export function House({ health: { parts } }: { health: ShownHealth }) {
  return (
    <section aria-labelledby="house">
      <h2 id="house" class="label">{words.title}</h2>
      <ul class="plain house">
        {Object.entries(parts).map(([name, { state, note }]) => (
          <li key={name}>
            <i class={DOT[state]} aria-hidden="true"></i>
            <span>{words.parts[name] ?? name}</span>
            <span class="second">{words.states[state]}</span>
            {note && <span class="quiet num">{note}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
