/** Wakes actors within this process: hints of one moment are delivered together, once per actor. */
import type { WakeBus } from "@/core/ports.ts";

export function localWake(): WakeBus {
  const listeners: ((actor: string) => void)[] = [];
  let pending = new Set<string>();
  let closed = false;
  const deliver = () => {
    const actors = pending;
    pending = new Set();
    if (closed) return;
    for (const actor of actors) for (const wake of listeners) wake(actor);
  };
  return {
    hint(actors) {
      // Delivered after the caller is done, so that a hint never runs inside what gave it.
      if (pending.size === 0 && actors.length > 0) queueMicrotask(deliver);
      for (const actor of actors) pending.add(actor);
    },
    onHint(wake) {
      listeners.push(wake);
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}

/** Nothing is hinted: mail is found by the sweeper alone. */
export function silentWake(): WakeBus {
  return { hint: () => {}, onHint: () => {}, close: () => Promise.resolve() };
}

/** Hints over several buses, the fastest first; an actor that hears twice finds nothing to do the second time. */
export function combineWakes(...buses: WakeBus[]): WakeBus {
  return {
    hint(actors) {
      for (const bus of buses) bus.hint(actors);
    },
    onHint(wake) {
      for (const bus of buses) bus.onHint(wake);
    },
    async close() {
      await Promise.all(buses.map((bus) => bus.close()));
    },
  };
}
