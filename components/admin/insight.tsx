/** Steps of a plan with their takes, and effects with their leases, as operators look into them. */
import type { ShownEffect, ShownInsight } from "@/core/shown_admin.ts";
import { when } from "@/core/words/format.ts";
import { insight as words } from "@/core/words/insight.ts";

export function Steps({ steps }: { steps: ShownInsight["steps"] }) {
  const { columns } = words.actor;
  return (
    <table class="dense shelved num">
      <thead>
        <tr>
          <th scope="col">{columns.step}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.needs}</th>
          <th scope="col">{columns.prompt}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={`${step.id} ${step.take}`}>
            <td>
              <p class="mono">{step.id}</p>
              <p class="tiny quiet">{words.actor.take(step.take, step.attempt)}</p>
            </td>
            <td>{step.state}</td>
            <td class="mono tiny">{step.needs.join(", ")}</td>
            <td class="tiny">
              {step.promptId && <a class="mono" href={`/admin/logs?id=${step.promptId}`}>{step.promptId}</a>}
              {step.backendId && <p class="quiet mono">{step.backendId}</p>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Effects({ effects, now }: { effects: ShownEffect[]; now: number }) {
  const { columns } = words.effects;
  if (effects.length === 0) return <p class="small quiet">{words.effects.none}</p>;
  return (
    <table class="dense shelved num">
      <thead>
        <tr>
          <th scope="col">{columns.kind}</th>
          <th scope="col">{columns.lease}</th>
          <th scope="col">{columns.next}</th>
          <th scope="col">{columns.tries}</th>
        </tr>
      </thead>
      <tbody>
        {effects.map((effect) => (
          <tr key={effect.id}>
            <td>
              <p class="mono">{effect.kind}</p>
              <p class="tiny">
                <a class="mono" href={`/admin/actors/${effect.actorId}`}>{effect.actorId}</a>
              </p>
            </td>
            <td>
              {effect.owner === null || effect.leaseUntil === null
                ? words.effects.free
                : words.effects.held(effect.leaseUntil.slice(11, 19))}
            </td>
            <td>{when(Date.parse(effect.nextAt), now)}</td>
            <td>{words.effects.tries(effect.tries, effect.lane)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
