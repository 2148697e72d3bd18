/** What the API shows of a person's API tokens, as pages read it. Times are ISO 8601, UTC. */
import type { Scope } from "./tokens.ts";

export interface ShownApiToken {
  id: string;
  name: string;
  scope: Scope;
  hint: string;
  state: "open" | "expired";
  createdAt: string;
  usedAt: string | null;
  expiresAt: string;
}

/** With the token itself, in the one answer that shows it. */
export interface NewApiToken extends ShownApiToken {
  token: string;
}
