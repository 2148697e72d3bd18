/** The accounts, invitations, sessions and tokens of the studio in memory. */
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { makePasswords } from "@/adapters/auth/passwords.ts";
import type { Accounts, Invitations, Sessions } from "@/core/account.ts";
import type { Studio } from "@/core/studio.ts";
import { noteIn } from "./fake_audit.ts";
import { NO_OWN } from "./fake_quotas.ts";
import { type ApiTokens, TOKENS_MAX } from "@/core/tokens.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

type Kept = FakeStudio["kept"];

export function accountParts(kept: Kept, clock: FakeClock) {
  const parts: Pick<
    Studio,
    "accounts" | "invitations" | "sessions" | "tokens" | "passwords" | "limiter" | "onceKeys"
  > = {
    accounts: fakeAccounts(kept, clock),
    invitations: fakeInvitations(kept, clock),
    sessions: fakeSessions(kept, clock),
    tokens: fakeTokens(kept, clock),
    passwords: makePasswords({ logN: 4, r: 8, p: 1 }),
    limiter: makeLimiter(clock),
    onceKeys: {
      reserve(once) {
        const name = `${once.userId} ${once.route} ${once.key}`;
        const known = kept.once.get(name);
        if (known && clock.now() - known.createdAt < 86_400_000) {
          return Promise.resolve({ once: known, first: false });
        }
        kept.once.set(name, once);
        return Promise.resolve({ once, first: true });
      },
      release: (once) => Promise.resolve(void kept.once.delete(`${once.userId} ${once.route} ${once.key}`)),
    },
  };
  return parts;
}

function fakeAccounts(kept: Kept, clock: FakeClock): Accounts {
  const isLast = (id: string) =>
    kept.accounts.every((one) => one.id === id || one.role !== "operator" || one.disabledAt !== null) &&
    kept.accounts.some((one) => one.id === id && one.role === "operator" && one.disabledAt === null);
  const signOut = (id: string) => {
    for (const [hash, one] of kept.sessions) if (one.userId === id) kept.sessions.delete(hash);
  };
  return {
    count: () => Promise.resolve(kept.accounts.length),
    create(account, as) {
      if (as === "first" && kept.accounts.length > 0) return Promise.resolve("not_first");
      const email = account.email.toLowerCase();
      if (kept.accounts.some((one) => one.email.toLowerCase() === email)) {
        return Promise.resolve("email_taken");
      }
      if (typeof as === "object") {
        const found = kept.invitations.find((one) => one.tokenHash === as.invitation);
        if (!found || found.usedAt !== null) return Promise.resolve("invitation_gone");
        Object.assign(found, { usedAt: clock.now(), usedBy: account.email });
      }
      kept.accounts.push(account);
      return Promise.resolve("created");
    },
    findByEmail: (email) =>
      Promise.resolve(kept.accounts.find((one) => one.email.toLowerCase() === email) ?? null),
    find: (id) => Promise.resolve(kept.accounts.find((one) => one.id === id) ?? null),
    setPassword(id, passwordHash) {
      kept.accounts = kept.accounts.map((one) => one.id === id ? { ...one, passwordHash } : one);
      return Promise.resolve();
    },
    list: () =>
      Promise.resolve(kept.accounts.map(({ passwordHash: _, ...one }) => {
        const seen = [...kept.sessions.values()].filter(({ userId }) => userId === one.id);
        const jobs = [...kept.jobs.values()].filter(({ userId }) => userId === one.id).length;
        return {
          ...one,
          jobs,
          open: jobs,
          running: 0,
          rev: kept.revs.get(one.id) ?? 1,
          ...kept.limits.get(one.id) ?? NO_OWN,
          seenAt: seen.length > 0 ? Math.max(...seen.map((at) => at.seenAt)) : null,
        };
      })),
    change(id, { role, disabled, rev, ...own }, by) {
      if (!kept.accounts.some((one) => one.id === id)) return Promise.resolve("missing");
      const now = kept.revs.get(id) ?? 1;
      if (rev !== undefined && rev !== now) return Promise.resolve("stale");
      if ((role === "creator" || disabled) && isLast(id)) return Promise.resolve("last_operator");
      noteIn(kept, clock, {
        action: "person.change",
        subject: id,
        before: null,
        after: { role: role ?? null, disabled: disabled ?? null, ...own },
      }, by);
      kept.revs.set(id, now + 1);
      kept.limits.set(id, { ...kept.limits.get(id) ?? NO_OWN, ...own });
      kept.accounts = kept.accounts.map((one) => {
        if (one.id !== id) return one;
        const disabledAt = disabled === undefined ? one.disabledAt : disabled ? clock.now() : null;
        return { ...one, role: role ?? one.role, disabledAt };
      });
      if (disabled) signOut(id);
      return Promise.resolve("changed");
    },
    leave(id) {
      if (isLast(id)) return Promise.resolve("last_operator");
      signOut(id);
      kept.accounts = kept.accounts.filter((one) => one.id !== id);
      return Promise.resolve("left");
    },
    defaults: (id) => Promise.resolve(kept.defaults.get(id) ?? null),
    saveDefaults: (id, defaults) => Promise.resolve(void kept.defaults.set(id, defaults)),
  };
}

function fakeInvitations(kept: Kept, clock: FakeClock): Invitations {
  return {
    create(invitation, by) {
      const { id, role } = invitation;
      noteIn(kept, clock, { action: "invitation.make", subject: id, before: null, after: { role } }, by);
      return Promise.resolve(void kept.invitations.unshift({ ...invitation }));
    },
    list: () => Promise.resolve(kept.invitations),
    find: (tokenHash) => Promise.resolve(kept.invitations.find((one) => one.tokenHash === tokenHash) ?? null),
    revoke(id, by) {
      const at = kept.invitations.findIndex((one) => one.id === id && one.usedAt === null);
      const entry = { action: "invitation.revoke", subject: id, before: null, after: null } as const;
      if (at >= 0) noteIn(kept, clock, entry, by);
      if (at >= 0) kept.invitations.splice(at, 1);
      return Promise.resolve(at >= 0);
    },
  };
}

function fakeSessions(kept: Kept, clock: FakeClock): Sessions {
  return {
    create: (session) => Promise.resolve(void kept.sessions.set(session.tokenHash, session)),
    find: (hash) => Promise.resolve(kept.sessions.get(hash) ?? null),
    list: (userId) =>
      Promise.resolve(
        [...kept.sessions.values()].filter((one) => one.userId === userId && one.expiresAt > clock.now())
          .sort((a, b) => b.seenAt - a.seenAt),
      ),
    touch(hash, seen) {
      const session = kept.sessions.get(hash);
      if (session) kept.sessions.set(hash, { ...session, ...seen, seenAt: clock.now() });
      return Promise.resolve();
    },
    remove: (hash) => Promise.resolve(void kept.sessions.delete(hash)),
    removeOthers(userId, keep) {
      for (const [hash, one] of kept.sessions) {
        if (one.userId === userId && hash !== keep) kept.sessions.delete(hash);
      }
      return Promise.resolve();
    },
  };
}

function fakeTokens(kept: Kept, clock: FakeClock): ApiTokens {
  return {
    create(userId, token) {
      if (kept.tokens.filter((one) => one.userId === userId).length >= TOKENS_MAX) {
        return Promise.resolve(false);
      }
      kept.tokens.unshift({ ...token, userId });
      return Promise.resolve(true);
    },
    list: (userId) =>
      Promise.resolve(
        kept.tokens.filter((one) => one.userId === userId)
          .map(({ userId: _, tokenHash: __, ...token }) => token),
      ),
    use(tokenHash) {
      const found = kept.tokens.find((one) => one.tokenHash === tokenHash && one.expiresAt > clock.now());
      if (found) found.usedAt = clock.now();
      return Promise.resolve(found ? { id: found.id, userId: found.userId, scope: found.scope } : null);
    },
    revoke(userId, id) {
      const at = kept.tokens.findIndex((one) => one.id === id && one.userId === userId);
      if (at >= 0) kept.tokens.splice(at, 1);
      return Promise.resolve(at >= 0);
    },
  };
}
