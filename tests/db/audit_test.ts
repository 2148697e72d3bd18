/** The audit log in the database: one transaction with the change, only growing, read by pages. */
import { type Kysely, sql } from "kysely";
import type { AuditFilter, By } from "@/core/audit.ts";
import { changeUser, createUser } from "@/db/accounts.ts";
import { createApiToken, revokeApiToken } from "@/db/api_tokens.ts";
import { NO_OWN } from "@/db/queries/mod.ts";
import { forgetPerson, listAudit, writeAudit } from "@/db/audit.ts";
import { createInvitation, revokeInvitation } from "@/db/invitations.ts";
import { postByOperator, setBackend, settleLetter } from "@/db/operate.ts";
import type { Schema } from "@/db/schema.ts";
import { assertEquals, assertRejects } from "@/tests/assert.ts";
import { admitReady, makeBackend, newId, openSqlite, tell } from "./fixtures.ts";

const ALL: AuditFilter = { thing: null, personId: null, subject: null, from: null, until: null };
const PAGE = { before: null, limit: 50 };

async function open() {
  const opened = await openSqlite();
  const on = opened.database.writer;
  const [operator, other] = [newId(), newId()];
  await createUser(on, { id: operator, email: "op@example.org", passwordHash: "x" });
  await createUser(on, { id: other, email: "mika@example.org", passwordHash: "x" });
  const by: By = { userId: operator, tokenId: null, address: "10.0.0.1" };
  return { ...opened, on, operator, other, by };
}

function told(on: Kysely<Schema>, filter: Partial<AuditFilter> = {}) {
  return listAudit(on, { ...ALL, ...filter }, PAGE);
}

Deno.test("every change of an operator is told with who, before and after; what changed nothing is not told", async () => {
  const { on, store, operator, other, by, close } = await open();
  await store.saveBackend(makeBackend());
  await setBackend(on, { id: "alpha", status: "drain" }, by);
  await setBackend(on, { id: "unknown", status: "drain" }, by);
  await changeUser(on, other, { role: "operator" }, by);
  await changeUser(on, other, { jobsMax: 3 }, by);
  await changeUser(on, newId(), { role: "operator" }, by);
  const invitation = { id: newId(), tokenHash: "very-secret", note: "Ren", role: "creator" as const };
  const times = { createdAt: 0, expiresAt: 7 * 86_400_000 };
  await createInvitation(on, { ...invitation, ...times, createdBy: operator }, by);
  await revokeInvitation(on, invitation.id, by);
  await revokeInvitation(on, invitation.id, by);
  await store.post([tell(newId(), "nobody", { id: "lost" })]);
  assertEquals(await settleLetter(on, { id: "lost", how: "drop" }, by) !== null, true);
  assertEquals(await settleLetter(on, { id: "lost", how: "drop" }, by), null);
  const token = { name: "ci", tokenHash: "h", hint: "9xyz", usedAt: null, ...times };
  await createApiToken(on, operator, { ...token, id: newId(), scope: "create" }, by);
  const strong = newId();
  await createApiToken(on, operator, { ...token, id: strong, tokenHash: "h2", scope: "admin" }, by);
  await revokeApiToken(on, { id: strong, userId: operator }, by);
  const job = await admitReady(store);
  const entry = { action: "job.reprioritise", subject: job.id, before: { priority: 0 } } as const;
  const mail = tell(job.id, "reprioritise");
  await postByOperator(on, mail, { entry: { ...entry, after: { priority: 50 } }, by });
  const creator = { role: "creator", disabled: false };
  const rows = (await told(on)).reverse();
  assertEquals(rows.map(({ action, before, after }) => [action, before, after]), [
    ["backend.drain", { status: "up", url: makeBackend().url }, { status: "drain", url: makeBackend().url }],
    ["person.change", { ...creator, ...NO_OWN }, { ...creator, role: "operator", ...NO_OWN }],
    ["person.change", { ...creator, role: "operator", ...NO_OWN }, {
      ...creator,
      role: "operator",
      ...NO_OWN,
      jobsMax: 3,
    }],
    ["invitation.make", null, { role: "creator", note: "Ren", days: 7 }],
    ["invitation.revoke", { role: "creator", note: "Ren" }, null],
    ["letter.drop", rows[5]?.before, null],
    ["token.make", null, { name: "ci", scope: "admin", days: 7 }],
    ["token.revoke", { name: "ci", scope: "admin" }, null],
    ["job.reprioritise", { priority: 0 }, { priority: 50 }],
  ]);
  assertEquals(new Set(rows.map(({ person }) => person?.email)), new Set(["op@example.org"]));
  assertEquals([rows[1]?.about, rows[0]?.about, rows.at(-1)?.about], [
    "mika@example.org",
    makeBackend().url,
    "A walk",
  ]);
  assertEquals(typeof rows[5]?.before?.body, "string", "what a dropped letter said");
  const stored = await sql<{ text: string }>`select group_concat(detail_json) as text from audit_log`.execute(
    on,
  );
  assertEquals(stored.rows[0]?.text.includes("very-secret"), false);
  await close();
});

Deno.test("a change that is not told does not happen, and what did not happen is not told", async () => {
  const { on, store, other, by, close } = await open();
  await store.saveBackend(makeBackend());
  await sql`create trigger full before insert on audit_log begin select raise(abort, 'disk full'); end`
    .execute(on);
  await assertRejects(() => setBackend(on, { id: "alpha", status: "drain" }, by));
  await assertRejects(() => changeUser(on, other, { disabled: true }, by));
  assertEquals((await store.backends())[0]?.status, "up");
  const user = await on.selectFrom("users").where("id", "=", other).selectAll().executeTakeFirstOrThrow();
  assertEquals(user.disabled_at, null);
  await sql`drop trigger full`.execute(on);
  assertEquals(await changeUser(on, by.userId, { role: "creator" }, by), "last_operator");
  assertEquals(await told(on), []);
  await close();
});

Deno.test("the database changes and deletes no entry; of who leaves, what they did stays without who it was", async () => {
  const { on, operator, other, by, close } = await open();
  await changeUser(on, other, { role: "operator" }, by);
  await writeAudit(on, { action: "backend.up", subject: "alpha", before: null, after: null }, {
    userId: other,
    tokenId: "t1",
    address: "10.0.0.2",
  });
  await assertRejects(() => on.deleteFrom("audit_log").execute());
  for (
    const change of [
      { detail_json: "{}" },
      { action: "x" },
      { at: 0 },
      { subject: "beta" },
      { user_id: operator },
    ]
  ) {
    await assertRejects(() => on.updateTable("audit_log").set(change).execute(), undefined);
  }
  await on.transaction().execute((tx) => forgetPerson(tx, other));
  const rows = await told(on);
  assertEquals(rows.map(({ action, person, subject, address }) => [action, person?.id, subject, address]), [
    ["backend.up", undefined, "alpha", null],
    ["person.change", operator, "", "10.0.0.1"],
  ]);
  await close();
});

Deno.test("the log is narrowed by thing, person, subject and time, and read page by page", async () => {
  const { on, operator, other, by, close } = await open();
  for (let n = 0; n < 5; n++) {
    const entry = { subject: `b${n}`, before: null, after: null };
    await writeAudit(on, { ...entry, action: n % 2 ? "backend.up" : "job.cancel" }, {
      ...by,
      userId: n < 3 ? operator : other,
    });
  }
  const subjects = async (filter: Partial<AuditFilter>) =>
    (await told(on, filter)).map(({ subject }) => subject);
  assertEquals(await subjects({}), ["b4", "b3", "b2", "b1", "b0"]);
  assertEquals(await subjects({ thing: "backend" }), ["b3", "b1"]);
  assertEquals(await subjects({ personId: other }), ["b4", "b3"]);
  assertEquals(await subjects({ subject: "b2" }), ["b2"]);
  const now = (await told(on))[0]?.at ?? 0;
  assertEquals([await subjects({ from: now + 1 }), await subjects({ until: now - 60_000 })], [[], []]);
  const first = await listAudit(on, ALL, { before: null, limit: 2 });
  const next = await listAudit(on, ALL, { before: first[1]?.seq ?? null, limit: 2 });
  assertEquals([...first, ...next].map(({ subject }) => subject), ["b4", "b3", "b2", "b1"]);
  await close();
});
