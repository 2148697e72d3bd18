/** Webhooks over a real database: from a job's events to signed messages, tries, replays, rotation and their end. */
import { makeVault } from "@/adapters/auth/vault.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import type { EffectContext } from "@/actors/runtime/handler.ts";
import { Secret } from "@/core/config.ts";
import { type Answer, TRIES_MAX, type WebhookEvent } from "@/core/webhooks.ts";
import { createUser } from "@/db/accounts.ts";
import { watchSetBack } from "@/db/clock.ts";
import { purgeJob } from "@/db/jobs.ts";
import { purgeDeliveries } from "@/db/webhooks.ts";
import { openWebhooks } from "@/studio/webhooks.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite, tell, until } from "@/tests/db/fixtures.ts";
import { openRig, silent } from "@/tests/rig/rig.ts";
import { Webhook } from "standardwebhooks";
import { z } from "zod";

const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const NEXT = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4";
const FINE: Answer = { end: "delivered", status: 200, retryAfterMs: null };
const BAD: Answer = { end: "answered", status: 500, retryAfterMs: null };
const ALL: WebhookEvent[] = ["job.started", "job.completed", "job.failed", "job.cancelled", "job.waiting"];
const Message = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({ jobId: z.string().optional(), run: z.int().optional() }),
});

interface Posted {
  url: string;
  headers: Record<string, string>;
  body: string;
}

async function open() {
  const now = { at: Date.now() };
  const opened = await openSqlite(":memory:", { now: () => now.at });
  const { database, store } = opened;
  const userId = newId();
  await createUser(database.writer, { id: userId, email: "mika@example.org", passwordHash: "x" });
  const posted: Posted[] = [];
  /** `killed`: the process dies after the message went out. */
  const answers: (Answer | "killed")[] = [];
  const closing = new AbortController();
  const parts = {
    db: database,
    clock: { ...systemClock(), now: () => now.at },
    ids: systemIds(),
    log: silent,
    hash: sha256,
    vault: makeVault(new Secret("k".repeat(32)), "webhooks"),
    publicUrl: "https://studio.example",
    outbound: {
      judge: () => null,
      post(url: string, { headers, body }: { headers: Record<string, string>; body: string }) {
        posted.push({ url, headers, body });
        const answer = answers.shift() ?? FINE;
        return answer === "killed" ? Promise.reject(new Error(answer)) : Promise.resolve(answer);
      },
    },
  };
  const webhooks = openWebhooks(parts);
  let worked = 0;
  const running = webhooks.run(closing.signal, () => worked++);
  const id = newId();
  await webhooks.door.create(userId, { id, url: "https://hooks.example/in", events: ALL, secret: SECRET });
  const context: EffectContext = {
    signal: new AbortController().signal,
    fence: () => {},
    note: () => Promise.resolve(),
    tell: () => Promise.resolve(),
    clock: parts.clock,
    log: silent,
    tries: 1,
  };
  return {
    ...opened,
    now,
    userId,
    id,
    posted,
    answers,
    context,
    ...webhooks,
    /** A job of this person with these statuses in its history. */
    async live(...statuses: string[]) {
      const job = makeJob({ userId });
      await store.admit([job]);
      for (const status of statuses) await this.happen(job.id, status);
      return job.id;
    },
    async happen(jobId: string, status: string) {
      await store.post([tell(jobId, status, { id: newId() })]);
      const event = { kind: "status", message: status, body: { status, run: 1 } };
      await store.turn(jobId, behave(() => ({ shown: makeShown({ status }), events: [event] })));
      webhooks.announce();
    },
    /** One due effect, run as the pool does; null when there is none. */
    async step() {
      const claim = await store.claim("me", ["webhook"], 1000);
      if (!claim) return null;
      const end = await webhooks.handlers[0]?.run(claim, context);
      if (end && "finish" in end) await store.finish(claim.id, claim.token, end.finish);
      else if (end) await store.putOff(claim.id, claim.token, end.putOffMs);
      return claim.id;
    },
    log: () => webhooks.door.deliveries(userId, id, { before: null, limit: 50 }),
    state: () => webhooks.door.find(userId, id),
    worked: () => worked,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
      await opened.close();
    },
  };
}

const verified = ({ body, headers }: Posted, secret = SECRET) =>
  Message.parse(new Webhook(secret).verify(body, { ...headers }));

Deno.test("what becomes of a job is told once per event and run, signed, and without what the job shows", async () => {
  await using rig = await open();
  const job = await rig.live("queued", "executing", "queued", "executing", "completed");
  await until(async () => (await rig.log()).length === 2);
  while (await rig.step() !== null);
  const told = rig.posted.map((one) => verified(one));
  assertEquals(told.map(({ type, data }) => [type, data.jobId]), [["job.started", job], [
    "job.completed",
    job,
  ]]);
  assertEquals(told[1]?.data.url, `https://studio.example/jobs/${job}`);
  assert(!("prompt" in (told[1]?.data ?? {})));
  const [last] = await rig.log();
  assertEquals(last?.id, rig.posted[1]?.headers["webhook-id"]);
  assertEquals([last?.state, last?.tries.map(({ status, end }) => [status, end])], ["delivered", [[
    200,
    "delivered",
  ]]]);
  assert(rig.worked() > 0);
});

Deno.test("only chosen events are told, none from before the webhook, and none to others", async () => {
  await using rig = await open();
  await rig.door.change(rig.userId, rig.id, { events: ["job.failed"] });
  const job = await rig.live("executing", "completed", "failed");
  const foreign = makeJob({ userId: newId() });
  await rig.store.admit([foreign]);
  await rig.happen(foreign.id, "failed");
  await until(async () => (await rig.log()).length === 1);
  rig.now.at += 1000;
  const later = newId();
  await rig.door.create(rig.userId, { id: later, url: "https://late.example/", events: ALL, secret: NEXT });
  await rig.happen(job, "cancelled");
  await until(async () =>
    (await rig.door.deliveries(rig.userId, later, { before: null, limit: 9 })).length === 1
  );
  assertEquals((await rig.log()).map(({ kind, jobId }) => [kind, jobId]), [["job.failed", job]]);
});

Deno.test("after a crash in the middle the same message is told again under the same id", async () => {
  await using rig = await open();
  await rig.door.ping(rig.userId, rig.id);
  const claim = await rig.store.claim("killed", ["webhook"], 1000);
  assert(claim);
  rig.answers.push("killed");
  await assertRejects(async () => await rig.handlers[0]?.run(claim, rig.context));
  assertEquals(await rig.step(), null);
  rig.now.at += 1001;
  assertEquals(await rig.step(), claim.id);
  const ids = rig.posted.map(({ headers }) => headers["webhook-id"]);
  assertEquals([ids.length, new Set(ids).size, rig.posted[0]?.body === rig.posted[1]?.body], [2, 1, true]);
  assertEquals((await rig.log()).map(({ state }) => state), ["delivered"]);
});

Deno.test("a message that was signed while the clock was wrong is signed anew with its next try, under the same id", async () => {
  await using rig = await open();
  const look = watchSetBack(rig.database.writer, { clock: { monotonic: () => 0 }, leaseMs: 1000 });
  await look();
  const right = rig.now.at;
  rig.now.at += 3_600_000;
  await look();
  rig.answers.push(BAD);
  await rig.door.ping(rig.userId, rig.id);
  await rig.step();
  // Standard receivers refuse what is five minutes off.
  await assertRejects(() => Promise.resolve().then(() => rig.posted[0] && verified(rig.posted[0])));
  rig.now.at = right;
  assertEquals(await look(), 3_600_000);
  for (let seconds = 0; await rig.step() === null; seconds++) {
    assert(seconds < 60, "the first retry comes within seconds, not hours");
    rig.now.at += 1000;
  }
  const [wrong, again] = rig.posted;
  assert(wrong && again);
  assertEquals(verified(again).type, "ping");
  assertEquals(wrong.headers["webhook-id"], again.headers["webhook-id"]);
});

Deno.test("a receiver that fails is tried by the schedule, then given up and switched off; replayed when it is back", async () => {
  await using rig = await open();
  await rig.door.ping(rig.userId, rig.id);
  rig.answers.push(...Array.from({ length: TRIES_MAX }, () => BAD));
  for (let n = 0; n < TRIES_MAX; n++) {
    assertEquals(typeof await rig.step(), "string");
    assertEquals(await rig.step(), null);
    rig.now.at += 27 * 3_600_000;
  }
  const [given] = await rig.log();
  assertEquals([given?.state, given?.tries.length, given?.nextAt], ["failed", TRIES_MAX, null]);
  const off = await rig.state();
  assertEquals([off?.enabled, off?.ended, off?.failingSince !== null], [false, "failing", true]);
  assertEquals(await rig.door.ping(rig.userId, rig.id), "disabled");
  assertEquals(await rig.door.replay(rig.userId, rig.id, given?.id ?? ""), "disabled");
  await rig.door.change(rig.userId, rig.id, { enabled: true });
  assertEquals(await rig.door.replay(rig.userId, rig.id, given?.id ?? ""), "sent");
  assertEquals(typeof await rig.step(), "string");
  const [again] = await rig.log();
  assertEquals([again?.state, again?.tries.length], ["delivered", TRIES_MAX + 1]);
  assertEquals(new Set(rig.posted.map(({ headers }) => headers["webhook-id"])).size, 1);
  const on = await rig.state();
  assertEquals([on?.enabled, on?.ended, on?.failingSince], [true, null, null]);
});

Deno.test("one delivery that fails among others that arrive switches nothing off; 410 does at once", async () => {
  await using rig = await open();
  await rig.door.ping(rig.userId, rig.id);
  rig.answers.push(BAD);
  await rig.step();
  await rig.door.ping(rig.userId, rig.id);
  await rig.step();
  rig.answers.push(...Array.from({ length: TRIES_MAX - 1 }, () => BAD));
  for (let n = 1; n < TRIES_MAX; n++) {
    rig.now.at += 27 * 3_600_000;
    await rig.step();
  }
  assertEquals((await rig.log()).map(({ state }) => state).sort(), ["delivered", "failed"]);
  assertEquals((await rig.state())?.enabled, true);
  for (let n = 0; n < 2; n++) await rig.door.ping(rig.userId, rig.id);
  rig.answers.push({ end: "answered", status: 410, retryAfterMs: null });
  await rig.step();
  assertEquals([(await rig.state())?.ended, await rig.step()], ["gone", null]);
  assertEquals((await rig.log()).filter(({ state }) => state === "open"), []);
});

Deno.test("for a day after a rotation both secrets verify, then the new one alone", async () => {
  await using rig = await open();
  await rig.door.rotate(rig.userId, rig.id, NEXT);
  const send = async () => {
    await rig.door.ping(rig.userId, rig.id);
    await rig.step();
    return rig.posted.at(-1) ?? { url: "", headers: {}, body: "" };
  };
  const both = await send();
  // The library judges the age of messages by the real clock.
  for (const secret of [SECRET, NEXT]) assertEquals(verified(both, secret).type, "ping");
  rig.now.at += 24 * 3_600_000 + 1;
  const one = await send();
  assertEquals(one.headers["webhook-signature"]?.split(" ").length, 1);
  const stored = await rig.database.reader.selectFrom("webhooks").selectAll().executeTakeFirstOrThrow();
  assert(!JSON.stringify(stored).includes("whsec_"));
});

Deno.test("an operator sees how somebody's webhook does, and what they change stays: off for its owner, sent again, told once each", async () => {
  await using rig = await open();
  const { everybodys } = rig.door;
  const operator = newId();
  await createUser(rig.database.writer, { id: operator, email: "op@example.org", passwordHash: "x" });
  const by = { userId: operator, tokenId: null, address: "10.0.0.1" };
  const look = async () => await everybodys.find(rig.id);
  assertEquals([(await look())?.lastTry, (await look())?.failures], [null, 0]);
  for (const answers of [[FINE], [BAD], [BAD]]) {
    rig.answers.push(...answers);
    rig.now.at += 1000;
    await rig.door.ping(rig.userId, rig.id);
    await rig.step();
  }
  const seen = await look();
  assertEquals([seen?.owner.email, seen?.failures, seen?.open, seen?.lastTry?.status], [
    "mika@example.org",
    2,
    2,
    500,
  ]);
  assertEquals((await everybodys.list({ before: null, limit: 5 })).map(({ id }) => id), [rig.id]);
  assertEquals(await everybodys.setEnabled(rig.id, false, by), true);
  assertEquals([(await look())?.open, (await look())?.failed, (await look())?.ended], [0, 2, "operator"]);
  assertEquals(await rig.door.change(rig.userId, rig.id, { enabled: true }), "held");
  assertEquals(await rig.door.change(newId(), rig.id, { enabled: true }), "missing");
  assertEquals(await everybodys.setEnabled(rig.id, true, by), true);
  const [given] = await everybodys.deliveries(rig.id, { before: null, limit: 1 });
  assertEquals(await everybodys.replay(rig.id, given?.id ?? "", by), "sent");
  assertEquals(typeof await rig.step(), "string");
  assertEquals([(await look())?.failures, (await look())?.lastTry?.end], [0, "delivered"]);
  assertEquals(await everybodys.remove(rig.id, by), true);
  assertEquals([await look(), await everybodys.remove(rig.id, by)], [null, false]);
  const told = await rig.database.reader.selectFrom("audit_log").selectAll().orderBy("seq").execute();
  assertEquals(
    told.map(({ action, subject, user_id }) => [action, subject === rig.id, user_id === operator]),
    [
      ["webhook.off", true, true],
      ["webhook.on", true, true],
      ["webhook.replay", true, true],
      ["webhook.remove", true, true],
    ],
  );
});

Deno.test("without the studio's key nothing is sent, and the log says why", async () => {
  await using rig = await open();
  await rig.database.writer.updateTable("webhooks").set({ secret: "v1.other" }).execute();
  await rig.door.ping(rig.userId, rig.id);
  await rig.step();
  const [one] = await rig.log();
  assertEquals([rig.posted.length, one?.state, one?.tries[0]?.end], [0, "open", "unsealed"]);
});

Deno.test("a webhook that is switched off or removed, and a film that is deleted for good, take what waits with them", async () => {
  await using rig = await open();
  const job = await rig.live("executing", "failed");
  await until(async () => (await rig.log()).length === 2);
  await rig.door.change(rig.userId, rig.id, { enabled: false });
  assertEquals(await rig.step(), null);
  await rig.door.change(rig.userId, rig.id, { enabled: true });
  await rig.database.writer.updateTable("jobs").set({ deleted_at: 1 }).execute();
  await purgeJob(rig.database.writer, { ownerId: rig.userId, jobId: job });
  assertEquals(await rig.log(), []);
  await rig.door.ping(rig.userId, rig.id);
  await rig.step();
  rig.now.at += 31 * 86_400_000;
  assertEquals(await purgeDeliveries(rig.database.writer, { ageMs: 30 * 86_400_000 }), 1);
  await rig.door.ping(rig.userId, rig.id);
  assertEquals(await rig.door.remove(rig.userId, rig.id), true);
  assertEquals(await rig.step(), null);
});

Deno.test("the real house tells a receiver of a cancelled job, also when it was down in between", async () => {
  const seen: { body: string; id: string }[] = [];
  let isUp = false;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    if (!isUp) return new Response(null, { status: 503 });
    seen.push({ body, id: request.headers.get("webhook-id") ?? "" });
    return new Response(null, { status: 204 });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  await using rig = await openRig({ env: { OUTBOUND_ALLOW: host, SWEEP_MS: "100" } });
  const Made = z.looseObject({ id: z.string(), secret: z.string() });
  const body = { url: `http://${host}/in`, events: ["job.cancelled"] };
  const { id } = await rig.person.json(Made, "POST", "/webhooks", body);
  const job = await rig.person.animate(await rig.person.bringCast());
  await rig.person.command(job.id, "cancel");
  const Log = z.object({
    items: z.array(z.looseObject({ id: z.string(), state: z.string(), tries: z.array(z.looseObject({})) })),
  });
  const log = () => rig.person.json(Log, "GET", `/webhooks/${id}/deliveries`);
  await until(async () => (await log()).items[0]?.tries.length === 1);
  isUp = true;
  // The next try is due in seconds; the database's clock is not waited for.
  await rig.house.db.writer.updateTable("effect").where("kind", "=", "deliver_webhook").set({ next_at: 0 })
    .execute();
  await until(async () => (await log()).items[0]?.state === "delivered", 8000);
  const [one] = (await log()).items;
  assertEquals([seen.length, seen[0]?.id, one?.tries.length], [1, one?.id, 2]);
  assertMatch(seen[0]?.body ?? "", new RegExp(`"type":"job.cancelled".*"jobId":"${job.id}"`));
  await server.shutdown();
});
