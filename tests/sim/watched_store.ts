/** A store that remembers whether a call changed rows that the checks speak of: they look after each such call. */
import type { Store } from "@/core/store.ts";
import type { Inspect } from "@/db/inspect.ts";

/**
 * Whether a call changed such rows, by its result. All others change only what no check compares from look to look:
 * leases, notes, mail that waits to be read, what is known of servers and of files on them.
 */
const CHANGES: Partial<Record<keyof Store, (result: unknown) => boolean>> = {
  admit: () => true,
  turn: (report) => report !== null,
  claim: (claim) => claim !== null,
  finish: (finished) => finished === true,
  grant: (granted) => granted === true,
  freeSlot: () => true,
  disown: () => true,
};

export function watchedStore<S extends Store & Inspect>(store: S, changed: () => void): S {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      const tells = Object.entries(CHANGES).find(([known]) => known === name)?.[1];
      if (typeof method !== "function" || !tells) return method;
      return async (...given: unknown[]) => {
        const result: unknown = await Reflect.apply(method, target, given);
        if (tells(result)) changed();
        return result;
      };
    },
  });
}
