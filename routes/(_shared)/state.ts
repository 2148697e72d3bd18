/** What every request carries through middleware, handlers and pages. */
import type { Maintenance } from "@/core/maintenance.ts";
import type { Asker } from "@/core/session.ts";
import type { Account, Studio } from "@/core/studio.ts";
import type { Unsent } from "./pace.ts";

export interface State {
  /** Filled by the middleware that `start` provides. */
  studio: Studio;
  /** Who is signed in. */
  user: Account | null;
  /** The same with the session, so that the API need not look it up again; null for what calls the API itself. */
  asker: Asker | null;
  /** Where nothing new starts: every page says so. */
  maintenance: Maintenance | null;
  /** The form that came too fast, for the page that says so. */
  unsent: Unsent | null;
  /** Network address of the caller, for rate limits. */
  address: string;
  /** The API of this studio, called in this process as the visitor. */
  api(request: Request): Promise<Response>;
}
