/** API tokens: what a program may do in a person's name, and what each request wants of it. */
import type { By } from "./audit.ts";

/** Each includes those before it. */
export const SCOPES = ["read", "create", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** `open`: no account is asked for. `session`: a person who is signed in, whatever the token may do. */
export type Need = Scope | "open" | "session";

export const TOKENS_MAX = 50;
export const TOKEN_DAYS_MAX = 365;
/** Lets people and scanners of leaked secrets know a token when they see one. */
export const TOKEN_MARK = "anx_";

export interface ApiToken {
  id: string;
  name: string;
  scope: Scope;
  /** The last characters, to tell tokens apart. */
  hint: string;
  createdAt: number;
  usedAt: number | null;
  expiresAt: number;
}

export interface ApiTokens {
  /** False when the person has as many as one may have. */
  create(userId: string, token: ApiToken & { tokenHash: string }, by: By): Promise<boolean>;
  /** Newest first, ended ones too. */
  list(userId: string): Promise<ApiToken[]>;
  /** Whose it is and what it may do; null when it is unknown or has ended. Notes its use now and then. */
  use(tokenHash: string): Promise<{ id: string; userId: string; scope: Scope } | null>;
  /** False when it is not the person's. */
  revoke(userId: string, id: string, by: By): Promise<boolean>;
}

const OPEN = /^\/api\/(health|openapi\.json|shared\/.*|auth\/(registration|register|login|new-password))$/;
/** What lets people in, or keeps them: a leaked token must not become a password, a session or another token. */
const SESSION = /^\/api\/(account\/(sessions|tokens|delete)|auth\/(password|logout))(\/|$)/;
const ENTRANCE = /^\/api\/admin\/(people|invitations|settings\/REGISTRATION)(\/|$)/;
const ADMIN = /^\/api\/admin(\/|$)/;

export function needOf(method: string, path: string): Need {
  const isRead = method === "GET" || method === "HEAD";
  if (OPEN.test(path)) return "open";
  if (SESSION.test(path) || (ENTRANCE.test(path) && !isRead)) return "session";
  if (ADMIN.test(path)) return "admin";
  return isRead ? "read" : "create";
}

/** Whether a token of this scope is enough. */
export function isEnough(scope: Scope, need: Need): boolean {
  if (need === "open") return true;
  return need !== "session" && SCOPES.indexOf(scope) >= SCOPES.indexOf(need);
}
