/** Films that failed, for operators: whose, when, on which server, and why. */
import type { AuditEntry, By } from "./audit.ts";
import type { Mail } from "./store.ts";

export interface FailedFilm {
  id: string;
  title: string;
  /** E-mail address; empty once the person has left. */
  owner: string;
  mode: string;
  rev: number;
  endedAt: number;
  code: string;
  /** As its owner reads it. */
  message: string;
  /** For operators: the far side's own words. */
  cause: string;
  step: string | null;
  backendId: string | null;
  promptId: string | null;
}

export interface FailedFilms {
  /** Newest first. Throws request.invalid for a cursor that is none. */
  list(page: { cursor: string | null; limit: number }): Promise<{ items: FailedFilm[]; next: string | null }>;
  /** Null when it did not fail, or is in the trash. */
  find(id: string): Promise<FailedFilm | null>;
  /** Mail to it, and what the audit log tells of that. */
  tell(mail: Mail, entry: AuditEntry, by: By): Promise<void>;
}
