/** Accounts, sessions and tokens. */
import {
  changeUser,
  createApiToken,
  createSession,
  createUser,
  endSession,
  findLogin,
  findSession,
  listApiTokens,
  listUsers,
  revokeApiToken,
  touchSession,
  useApiToken,
} from "@/db/accounts.ts";
import { StudioError } from "@/core/problem.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { newId, openSqlite } from "./fixtures.ts";

const HOUR_MS = 3_600_000;

async function openAccounts() {
  const { database, close } = await openSqlite();
  const user = await createUser(database.writer, {
    id: newId(),
    email: "Élise@Example.org",
    passwordHash: "h",
  });
  return { on: database.writer, user, close };
}

Deno.test("an address has one account, however it is spelled", async () => {
  const { on, user, close } = await openAccounts();
  for (const email of ["élise@example.org", " ÉLISE@EXAMPLE.ORG "]) {
    assertEquals((await findLogin(on, email))?.user.id, user.id);
    await assertRejects(
      () => createUser(on, { id: newId(), email, passwordHash: "x" }),
      (thrown) => assert(thrown instanceof StudioError && thrown.problem.code === "auth.email_taken"),
    );
  }
  assertEquals(await findLogin(on, "other@example.org"), null);
  await close();
});

Deno.test("the first account is the operator's, later ones are what they are given", async () => {
  const { on, user, close } = await openAccounts();
  const second = await createUser(on, { id: newId(), email: "b@example.org", passwordHash: "x" });
  assertEquals([user.role, second.role], ["operator", "creator"]);
  assertEquals((await listUsers(on)).map(({ id }) => id), [user.id, second.id]);
  assertEquals(await changeUser(on, second.id, { role: "operator" }), true);
  assertEquals((await findLogin(on, "b@example.org"))?.user.role, "operator");
  assertEquals(await changeUser(on, newId(), { role: "operator" }), false);
  await close();
});

Deno.test("a session ends by time, by signing out, and by being replaced", async () => {
  const { on, user, close } = await openAccounts();
  await createSession(on, { tokenHash: "t1", userId: user.id, ttlMs: HOUR_MS });
  assertEquals((await findSession(on, "t1"))?.user.id, user.id);
  assertEquals(await findSession(on, "t0"), null);
  await createSession(on, { tokenHash: "t2", userId: user.id, ttlMs: HOUR_MS, replaces: "t1" });
  assertEquals(await findSession(on, "t1"), null);
  const before = (await findSession(on, "t2"))?.expiresAt ?? 0;
  assertEquals(await touchSession(on, { tokenHash: "t2", ttlMs: 2 * HOUR_MS }), true);
  assert(((await findSession(on, "t2"))?.expiresAt ?? 0) > before);
  await endSession(on, "t2");
  assertEquals(await findSession(on, "t2"), null);
  await createSession(on, { tokenHash: "t3", userId: user.id, ttlMs: 0 });
  assertEquals(await findSession(on, "t3"), null);
  assertEquals(await touchSession(on, { tokenHash: "t3", ttlMs: HOUR_MS }), false);
  await close();
});

Deno.test("a new password or a disabled account signs out everywhere", async () => {
  const { on, user, close } = await openAccounts();
  await createSession(on, { tokenHash: "t1", userId: user.id, ttlMs: HOUR_MS });
  await createApiToken(on, { id: newId(), userId: user.id, name: "ci", tokenHash: "a1", hint: "…9x" });
  await changeUser(on, user.id, { passwordHash: "new" });
  assertEquals(await findSession(on, "t1"), null);
  await createSession(on, { tokenHash: "t2", userId: user.id, ttlMs: HOUR_MS });
  await changeUser(on, user.id, { disabled: true });
  assertEquals([await findSession(on, "t2"), await useApiToken(on, "a1")], [null, null]);
  await changeUser(on, user.id, { disabled: false });
  assertEquals((await useApiToken(on, "a1"))?.id, user.id);
  await close();
});

Deno.test("API tokens are used until they end or are revoked by their owner", async () => {
  const { on, user, close } = await openAccounts();
  const [kept, over] = [newId(), newId()];
  await createApiToken(on, { id: kept, userId: user.id, name: "ci", tokenHash: "a1", hint: "…1" });
  await createApiToken(on, { id: over, userId: user.id, name: "old", tokenHash: "a2", hint: "…2", ttlMs: 0 });
  assertEquals((await useApiToken(on, "a1"))?.id, user.id);
  assertEquals([await useApiToken(on, "a2"), await useApiToken(on, "a3")], [null, null]);
  assertEquals((await listApiTokens(on, user.id)).map(({ name, usedAt }) => [name, usedAt !== null]), [
    ["ci", true],
    ["old", false],
  ]);
  assertEquals(await revokeApiToken(on, { id: kept, userId: newId() }), false);
  assertEquals(await revokeApiToken(on, { id: kept, userId: user.id }), true);
  assertEquals(await useApiToken(on, "a1"), null);
  await close();
});
