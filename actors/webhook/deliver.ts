/** The effect that delivers to a webhook: one try each time it is claimed, until the delivery has its fate. */
import type { Clock, Hash } from "@/core/ports.ts";
import { type Answer, ANSWER_LIMIT_MS, type Fate, fateOf, type Parcel, type Try } from "@/core/webhooks.ts";
import type { EffectContext, EffectEnd, EffectHandler } from "../runtime/handler.ts";

export interface DeliveryPorts {
  /** Null when it is gone, has its fate, or its webhook is switched off. */
  load(deliveryId: string): Promise<Parcel | null>;
  /** Rejects only when the signal aborts. */
  send(parcel: Parcel, signal: AbortSignal): Promise<Answer>;
  /** Writes down the try and what becomes of the delivery, in one transaction. */
  record(deliveryId: string, ended: Omit<Try, "n" | "at">, fate: Fate): Promise<void>;
  clock: Clock;
  hash: Hash;
}

export const DELIVER = "deliver_webhook";
export const DELIVER_LANE = "webhook";

export function webhookEffects(ports: DeliveryPorts): EffectHandler[] {
  return [{
    kind: DELIVER,
    run: (claim, context) => deliver(String(claim.req), ports, context),
  }];
}

/** Told twice after a crash in between: receivers know a delivery by its id. */
async function deliver(id: string, ports: DeliveryPorts, context: EffectContext): Promise<EffectEnd> {
  const parcel = await ports.load(id);
  if (parcel === null) return OVER;
  context.fence();
  const begun = ports.clock.monotonic();
  const answer = await sendInTime(parcel, ports, context.signal);
  const tookMs = Math.round(ports.clock.monotonic() - begun);
  const fate = fateOf(answer, { done: parcel.triesDone + 1, key: id, hash: ports.hash });
  await ports.record(id, { tookMs, status: answer.status, end: answer.end }, fate);
  return fate.state === "open" ? { putOffMs: fate.nextInMs } : OVER;
}

const OVER: EffectEnd = { finish: { status: "done", result: null, mail: [] } };

/** A receiver that hangs is cut off; when the studio itself stops, that is no fault of the receiver. */
async function sendInTime(parcel: Parcel, ports: DeliveryPorts, stopping: AbortSignal): Promise<Answer> {
  if (parcel.secrets === null) return { end: "unsealed", status: null, retryAfterMs: null };
  const limit = new AbortController();
  const done = new AbortController();
  const timer = ports.clock.sleep(ANSWER_LIMIT_MS, done.signal).then(() => limit.abort(), () => {});
  try {
    return await ports.send(parcel, AbortSignal.any([stopping, limit.signal]));
  } catch (thrown) {
    if (stopping.aborted || !limit.signal.aborted) throw thrown;
    return { end: "timeout", status: null, retryAfterMs: null };
  } finally {
    done.abort();
    await timer;
  }
}
