/** What a rule of the store suite is given. */
import type { Store } from "@/core/store.ts";
import type { Inspect } from "@/db/inspect.ts";

export interface Harness {
  store: Store & Inspect;
  /** Lets the store's clock move on by at least this. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Checks by the rule that they show. */
export type Rules = Record<string, (harness: Harness) => Promise<void>>;
