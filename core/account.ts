/** What the studio keeps of a person besides their films: the account, the sessions, how they are let in, and how they leave. */
import type { By } from "./audit.ts";
import type { OwnLimits } from "./quota.ts";

export type Role = "creator" | "operator";

export interface Account {
  id: string;
  /** As the person typed it; compared without regard to case. */
  email: string;
  passwordHash: string;
  role: Role;
  createdAt: number;
  /** Since when an operator keeps the person out; null for everybody else. */
  disabledAt: number | null;
}

/** `first` succeeds only while there is no account at all; an invitation is named by the hash of its token. */
export type Entrance = "first" | "later" | { invitation: string };

/** What operators see of a person: never what they film. */
export interface Member extends OwnLimits {
  id: string;
  email: string;
  role: Role;
  createdAt: number;
  disabledAt: number | null;
  /** Newest of all open sessions. */
  seenAt: number | null;
  /** Jobs that are not in the trash. */
  jobs: number;
  /** Jobs that wait or are under way, and those on render servers. */
  open: number;
  running: number;
  rev: number;
}

export interface MemberChange extends Partial<OwnLimits> {
  role?: Role;
  disabled?: boolean;
  /** As it was read; without it, what others changed meanwhile is written over. */
  rev?: number;
}

export type Change = "changed" | "missing" | "last_operator" | "stale";

export interface Accounts {
  count(): Promise<number>;
  /** One transaction; an invitation is used up together with it. */
  create(
    account: Account,
    as: Entrance,
  ): Promise<"created" | "email_taken" | "not_first" | "invitation_gone">;
  /** `email` in lower case. */
  findByEmail(email: string): Promise<Account | null>;
  find(id: string): Promise<Account | null>;
  setPassword(id: string, passwordHash: string): Promise<void>;
  /** Oldest first. */
  list(): Promise<Member[]>;
  /** One transaction; who is kept out is signed out everywhere. One operator always stays. */
  change(id: string, change: MemberChange, by: By): Promise<Change>;
  /**
   * Signs the person out for good and frees the address. Everything they own goes as soon as it stands still, and goes on
   * going after a restart. The last operator stays.
   */
  leave(id: string): Promise<"left" | "last_operator">;
  /** Null until something was saved. */
  defaults(id: string): Promise<Defaults | null>;
  saveDefaults(id: string, defaults: Defaults): Promise<void>;
}

export interface Invitation {
  id: string;
  tokenHash: string;
  /** For operators: whom it is for. */
  note: string;
  role: Role;
  createdBy: string;
  createdAt: number;
  expiresAt: number;
  usedAt: number | null;
  /** Address of the account that came of it, while there is one. */
  usedBy: string | null;
}

export interface Invitations {
  create(invitation: Invitation, by: By): Promise<void>;
  /** Newest first, used and expired ones too. */
  list(): Promise<Invitation[]>;
  find(tokenHash: string): Promise<Invitation | null>;
  /** False when it is gone or was used. */
  revoke(id: string, by: By): Promise<boolean>;
}

export interface Session {
  tokenHash: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
  seenAt: number;
  /** Network address and browser at the last sight. */
  address: string;
  agent: string;
}

export interface Sessions {
  create(session: Session): Promise<void>;
  /** Null when unknown; an expired session is returned as it is. */
  find(tokenHash: string): Promise<Session | null>;
  /** Newest sight first, without expired ones. */
  list(userId: string): Promise<Session[]>;
  /** Notes a sight. */
  touch(tokenHash: string, seen: { address: string; agent: string }): Promise<void>;
  remove(tokenHash: string): Promise<void>;
  /** Ends every session of a person except one, after a change of password. */
  removeOthers(userId: string, keepHash: string): Promise<void>;
}

/** What a new film starts from; null leaves it to the mode. */
export interface Defaults {
  engine: "auto" | "draft";
  preset: string | null;
  size: { width: number; height: number } | null;
  frameRate: "template" | "source" | number;
  negativePrompt: string;
  /** Whether the end of a film is told by the browser's notification, and by a sound. */
  notify: boolean;
  sound: boolean;
}

export const DEFAULTS: Defaults = {
  engine: "auto",
  preset: null,
  size: null,
  frameRate: "template",
  negativePrompt: "",
  notify: false,
  sound: false,
};
