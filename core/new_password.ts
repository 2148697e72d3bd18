/** Links for a new password. Nothing of them is stored: the seal holds for the present password alone, so each is good once. */
import type { Account } from "./account.ts";

const DAY_MS = 86_400_000;

type Of = Pick<Account, "id" | "passwordHash">;

/** What the studio seals with its own key. */
export function sealedText({ id, passwordHash }: Of, expiresAt: number): string {
  return `new password ${id} ${expiresAt} ${passwordHash}`;
}

/** The page and its token, good for a day; `hashToken` is the studio's keyed hash. */
export function newPasswordPath(
  account: Of,
  { now, hashToken }: { now: number; hashToken: (text: string) => string },
): { path: string; expiresAt: number } {
  const expiresAt = now + DAY_MS;
  const token = `${account.id}.${expiresAt}.${hashToken(sealedText(account, expiresAt))}`;
  return { path: `/new-password?token=${token}`, expiresAt };
}
