/** The links to a film: how each stands, and the way to take it back. */
import type { ShownShare } from "@/core/shown_shares.ts";
import { dayOf, when } from "@/core/words/format.ts";
import { share } from "@/core/words/share.ts";

export function ShareList({ items, now }: { items: ShownShare[]; now: number }) {
  if (items.length === 0) return <p class="second small">{share.none}</p>;
  return (
    <ul class="plain shares">
      {items.map(({ id, state, createdAt, expiresAt }) => (
        <li key={id} class="row">
          <i class={state === "open" ? "dot" : "dot off"} aria-hidden="true"></i>
          <span class="small">{share.states[state]}</span>
          <span class="quiet small num">
            {share.madeAt(when(Date.parse(createdAt), now))} ·{" "}
            {share.until(dayOf(Date.parse(expiresAt), now))}
          </span>
          {state === "open" && (
            <form method="post" class="push">
              <button type="submit" class="btn slim" name="revoke" value={id}>{share.takeBack}</button>
            </form>
          )}
        </li>
      ))}
    </ul>
  );
}
