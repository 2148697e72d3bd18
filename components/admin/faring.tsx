/** How a server fares: what failed there last, and the hold that it is on because of that. */
import type { ShownBackend } from "@/core/shown_admin.ts";
import { failed } from "@/core/words/failed.ts";
import { timeOfDay, when } from "@/core/words/format.ts";

const words = failed.server;

export function Hold({ server: { id, hold } }: { server: ShownBackend }) {
  if (hold === null) return null;
  return (
    <form method="post" action="/admin" class="note bad row">
      <span>
        {words.held(hold.films)} {words.until(timeOfDay(Date.parse(hold.until)))}
      </span>
      <input type="hidden" name="id" value={id} />
      <button type="submit" class="btn slim push" name="act" value="use">{words.use}</button>
    </form>
  );
}

export function LastFailure(
  { server: { failures, lastFailure }, now }: { server: ShownBackend; now: number },
) {
  if (failures === 0) return null;
  return (
    <>
      <dt>{words.label}</dt>
      <dd>
        {words.count(failures)}
        {lastFailure && (
          <p class="tiny second">
            <a href={`/admin/actors/${lastFailure.jobId}`}>
              {words.last(when(Date.parse(lastFailure.at), now))}
            </a>: <span class="mono">{lastFailure.cause}</span>
          </p>
        )}
      </dd>
    </>
  );
}
