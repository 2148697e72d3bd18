/** Accounts, invitations, sessions and tokens. */
import { DEFAULTS } from "@/core/account.ts";
import { changeUser, createUser, findLogin, listMembers, readDefaults, saveDefaults } from "@/db/accounts.ts";
import { createApiToken, listApiTokens, revokeApiToken, useApiToken } from "@/db/api_tokens.ts";
import { createInvitation, findInvitation, listInvitations, revokeInvitation } from "@/db/invitations.ts";
import {
  createSession,
  endOtherSessions,
  endSession,
  findSession,
  listSessions,
  touchSession,
} from "@/db/sessions.ts";
import { type Scope, TOKENS_MAX } from "@/core/tokens.ts";
import { assertEquals } from "@/tests/assert.ts";
import { makeJob, newId, openSqlite, until } from "./fixtures.ts";

const HOUR_MS = 3_600_000;
const FROM = { address: "10.0.0.1", agent: "Firefox" };

async function openAccounts() {
  const { database, store, close } = await openSqlite();
  const id = newId();
  const on = database.writer;
  assertEquals(await createUser(on, { id, email: "Élise@Example.org", passwordHash: "h" }), "created");
  const more = async (email: string, role?: "operator") => {
    const made = newId();
    await createUser(on, { id: made, email, passwordHash: "x", role });
    return made;
  };
  return { on, store, id, more, close };
}

Deno.test("an address has one account, however it is spelled", async () => {
  const { on, id, close } = await openAccounts();
  for (const email of ["élise@example.org", " ÉLISE@EXAMPLE.ORG "]) {
    assertEquals((await findLogin(on, email))?.user.id, id);
    assertEquals(await createUser(on, { id: newId(), email, passwordHash: "x" }), "email_taken");
  }
  assertEquals(await findLogin(on, "other@example.org"), null);
  await close();
});

Deno.test("the first account is the operator's, later ones are what they are given", async () => {
  const { on, id, more, close } = await openAccounts();
  const second = await more("b@example.org");
  assertEquals((await listMembers(on)).map((one) => [one.id, one.role]), [[id, "operator"], [
    second,
    "creator",
  ]]);
  assertEquals(await changeUser(on, second, { role: "operator" }), "changed");
  assertEquals((await findLogin(on, "b@example.org"))?.user.role, "operator");
  assertEquals(await changeUser(on, newId(), { role: "operator" }), "missing");
  const late = { id: newId(), email: "c@example.org", passwordHash: "x" };
  assertEquals(await createUser(on, late, "first"), "not_first");
  await close();
});

Deno.test("one operator who can sign in always stays", async () => {
  const { on, id, more, close } = await openAccounts();
  const second = await more("b@example.org", "operator");
  assertEquals(await changeUser(on, second, { disabled: true }), "changed");
  assertEquals(await changeUser(on, id, { role: "creator" }), "last_operator");
  assertEquals(await changeUser(on, id, { disabled: true }), "last_operator");
  assertEquals(await changeUser(on, second, { disabled: false }), "changed");
  assertEquals(await changeUser(on, id, { role: "creator" }), "changed");
  await close();
});

Deno.test("members are shown with their newest sight and their jobs", async () => {
  const { on, store, id, more, close } = await openAccounts();
  await createSession(on, { tokenHash: "t1", userId: id, ttlMs: HOUR_MS, ...FROM });
  await store.admit([makeJob({ userId: id }), makeJob({ userId: id })]);
  const second = await more("b@example.org");
  const [first, other] = await listMembers(on);
  assertEquals([first?.jobs, first?.seenAt], [2, (await findSession(on, "t1"))?.seenAt]);
  assertEquals([other?.id, other?.jobs, other?.seenAt], [second, 0, null]);
  await close();
});

Deno.test("an invitation lets one person in, once, while it lasts", async () => {
  const { on, id, close } = await openAccounts();
  const invitation = (tokenHash: string, lasts = HOUR_MS) => ({
    id: newId(),
    tokenHash,
    note: "Mika",
    role: "creator" as const,
    createdBy: id,
    createdAt: 0,
    expiresAt: lasts,
  });
  const enter = (email: string, tokenHash: string) =>
    createUser(on, { id: newId(), email, passwordHash: "x" }, { invitation: tokenHash });
  const unused = invitation("i3");
  for (const one of [invitation("i1"), invitation("i2", 0), unused]) await createInvitation(on, one);
  assertEquals(await enter("élise@example.org", "i1"), "email_taken");
  assertEquals(await enter("mika@example.org", "i1"), "created");
  assertEquals((await findInvitation(on, "i1"))?.usedBy, "mika@example.org");
  assertEquals(await enter("other@example.org", "i1"), "invitation_gone");
  assertEquals(await enter("other@example.org", "i2"), "invitation_gone");
  assertEquals(await revokeInvitation(on, unused.id), true);
  assertEquals(await enter("other@example.org", "i3"), "invitation_gone");
  const listed = await listInvitations(on);
  assertEquals(listed.map(({ tokenHash }) => tokenHash).sort(), ["i1", "i2"]);
  const used = listed.find(({ tokenHash }) => tokenHash === "i1");
  assertEquals(await revokeInvitation(on, used?.id ?? ""), false);
  assertEquals((await listMembers(on)).length, 2);
  await close();
});

Deno.test("a session is seen, listed, and ends by itself or with the others", async () => {
  const { on, id, close } = await openAccounts();
  await createSession(on, { tokenHash: "t1", userId: id, ttlMs: HOUR_MS, ...FROM });
  await createSession(on, { tokenHash: "t2", userId: id, ttlMs: HOUR_MS, ...FROM });
  await createSession(on, { tokenHash: "over", userId: id, ttlMs: 0, ...FROM });
  const before = (await findSession(on, "t2"))?.seenAt ?? 0;
  await until(async () => {
    await touchSession(on, { tokenHash: "t1", address: "10.0.0.9", agent: "Chrome" });
    return ((await findSession(on, "t1"))?.seenAt ?? 0) > before;
  });
  const listed = await listSessions(on, id);
  assertEquals(listed.map(({ tokenHash, address, agent }) => [tokenHash, address, agent]), [
    ["t1", "10.0.0.9", "Chrome"],
    ["t2", "10.0.0.1", "Firefox"],
  ]);
  await endOtherSessions(on, { userId: id, keepHash: "t2" });
  assertEquals((await listSessions(on, id)).map(({ tokenHash }) => tokenHash), ["t2"]);
  await endSession(on, "t2");
  assertEquals(await findSession(on, "t2"), null);
  await close();
});

Deno.test("a new password or a disabled account signs out everywhere", async () => {
  const { on, id, more, close } = await openAccounts();
  await more("b@example.org", "operator");
  await createSession(on, { tokenHash: "t1", userId: id, ttlMs: HOUR_MS, ...FROM });
  await changeUser(on, id, { passwordHash: "new" });
  assertEquals(await findSession(on, "t1"), null);
  await createSession(on, { tokenHash: "t2", userId: id, ttlMs: HOUR_MS, ...FROM });
  await changeUser(on, id, { disabled: true });
  assertEquals(await findSession(on, "t2"), null);
  await close();
});

Deno.test("defaults are kept as they were saved last", async () => {
  const { on, id, close } = await openAccounts();
  assertEquals(await readDefaults(on, id), null);
  await saveDefaults(on, id, { ...DEFAULTS, preset: "fast" });
  await saveDefaults(on, id, { ...DEFAULTS, size: { width: 832, height: 480 } });
  assertEquals(await readDefaults(on, id), { ...DEFAULTS, size: { width: 832, height: 480 } });
  await close();
});

Deno.test("API tokens are used until they end or are revoked by their owner", async () => {
  const { on, id, close } = await openAccounts();
  const make = (tokenHash: string, scope: Scope, ttlMs: number) => {
    const times = { createdAt: 0, usedAt: null, expiresAt: ttlMs };
    return createApiToken(on, id, { id: newId(), name: tokenHash, scope, tokenHash, hint: "9xyz", ...times });
  };
  assertEquals(await make("a1", "create", HOUR_MS), true);
  await make("a2", "read", 0);
  const used = await useApiToken({ reader: on, writer: on }, "a1");
  assertEquals([used?.userId, used?.scope], [id, "create"]);
  assertEquals([
    await useApiToken({ reader: on, writer: on }, "a2"),
    await useApiToken({ reader: on, writer: on }, "a3"),
  ], [null, null]);
  const listed = await listApiTokens(on, id);
  assertEquals(listed.map(({ name, usedAt }) => [name, usedAt !== null]), [["a2", false], ["a1", true]]);
  const kept = used?.id ?? "";
  assertEquals(await revokeApiToken(on, { id: kept, userId: newId() }), false);
  assertEquals(await revokeApiToken(on, { id: kept, userId: id }), true);
  assertEquals(await useApiToken({ reader: on, writer: on }, "a1"), null);
  await close();
});

Deno.test("a person has so many API tokens and no more", async () => {
  const { on, id, more, close } = await openAccounts();
  const times = { createdAt: 0, usedAt: null, expiresAt: HOUR_MS };
  const make = (n: number, userId = id) =>
    createApiToken(on, userId, {
      id: newId(),
      name: "ci",
      scope: "read",
      tokenHash: `h${n}`,
      hint: "9xyz",
      ...times,
    });
  for (let n = 0; n < TOKENS_MAX; n++) assertEquals(await make(n), true);
  assertEquals(await make(TOKENS_MAX), false);
  assertEquals(await make(TOKENS_MAX, await more("b@example.org")), true);
  await close();
});

Deno.test("who changes a person over another operator's change is told, and a change of their own password is none", async () => {
  const { on, id, close } = await openAccounts();
  const by = { userId: newId(), tokenId: null, address: "10.0.0.1" };
  const rev = async () => (await listMembers(on)).find((one) => one.id === id)?.rev;
  assertEquals(await changeUser(on, id, { jobsMax: 3, rev: 1 }, by), "changed");
  assertEquals(await changeUser(on, id, { jobsMax: 4, rev: 1 }, by), "stale");
  assertEquals(await changeUser(on, id, { passwordHash: "y" }), "changed");
  assertEquals([await rev(), (await listMembers(on))[0]?.jobsMax], [2, 3]);
  await close();
});
