/** Servers in the database: none goes or moves while it carries work, and one that is silent for good can go. */
import { systemClock } from "@/adapters/system/clock.ts";
import type { By } from "@/core/audit.ts";
import { listAudit } from "@/db/audit.ts";
import { addServer, editServer, removeServer, setServer } from "@/db/servers.ts";
import { openUpkeep } from "@/studio/door/upkeep.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { admitReady, makeBackend, newId, openSqlite } from "./fixtures.ts";

const BY: By = { userId: newId(), tokenId: null, address: "10.0.0.1" };

async function openAtWork() {
  const opened = await openSqlite();
  const { writer } = opened.database;
  const row = makeBackend({ status: "up" });
  await addServer(writer, { row, change: {} }, BY);
  const job = await admitReady(opened.store);
  const promptId = newId();
  const grant = {
    jobId: job.id,
    stepId: "part-0",
    take: 0,
    attempt: 1,
    backendId: row.id,
    n: 0,
    family: "wan",
  };
  assert(await opened.store.grant({ ...grant, promptId }));
  const setStep = (state: "collecting" | "done") =>
    writer.updateTable("step").where("job_id", "=", job.id).where("id", "=", "part-0").set({ state })
      .execute();
  const edit = (change: Parameters<typeof editServer>[1]["change"], rev = 1) =>
    editServer(writer, { id: row.id, rev, change, slots: 2 }, BY);
  return { ...opened, writer, id: row.id, promptId, setStep, edit };
}

Deno.test("a server that renders, or whose files are being fetched, neither goes nor moves; its name may change", async () => {
  const { writer, id, store, promptId, setStep, edit, close } = await openAtWork();
  const works = { end: "works" as const, parts: 1 };
  for (const state of ["granted", "collecting"] as const) {
    if (state === "collecting") await setStep(state);
    assertEquals(await removeServer(writer, id, BY), works, state);
    assertEquals(await edit({ url: "http://beta" }), works, state);
  }
  assertEquals(await edit({ name: "Lab" }), { end: "saved", id, rev: 2, headerGone: false });
  await store.rememberFile(id, 1, "a".repeat(64), "a.png");
  await setStep("done");
  await store.freeSlot(promptId);
  assertEquals(await edit({ url: "http://beta" }, 2), { end: "saved", id, rev: 3, headerGone: false });
  const [moved] = await store.backends();
  assertEquals([moved?.url, moved?.status, moved?.epoch, moved?.name], ["http://beta", "down", 2, "Lab"]);
  assertEquals(
    await store.backendFile(id, "a".repeat(64)),
    null,
    "the new address has none of the old one's files",
  );
  assertEquals(await removeServer(writer, id, BY), null);
  assertEquals([await store.backends(), await removeServer(writer, id, BY)], [[], { end: "missing" }]);
  await close();
});

Deno.test("a prompt on its way out holds a server that answers, and not one that is gone for good", async () => {
  const { writer, id, store, setStep, close } = await openAtWork();
  await setStep("done");
  await writer.updateTable("slot").set({ state: "stopping" }).execute();
  assertEquals(await removeServer(writer, id, BY), { end: "works", parts: 1 });
  await store.changeBackend(id, () => ({ status: "down" }));
  assertEquals(await removeServer(writer, id, BY), null);
  await close();
});

Deno.test("a header stays with the address it was given for: at another one it is gone, unless one is given with it", async () => {
  const { writer, id, store, setStep, promptId, edit, close } = await openAtWork();
  await setStep("done");
  await store.freeSlot(promptId);
  const authOf = async () => (await store.backends())[0]?.auth ?? null;
  await edit({ auth: "sealed" });
  await edit({ url: "http://alpha/", name: "Lab" }, 2);
  assertEquals(await authOf(), "sealed", "the same address, written otherwise");
  assertEquals(await edit({ url: "http://beta" }, 3), { end: "saved", id, rev: 4, headerGone: true });
  assertEquals(await authOf(), null);
  const filter = { thing: null, personId: null, subject: null, from: null, until: null };
  const [entry] = await listAudit(writer, filter, { before: null, limit: 1 });
  assertEquals([entry?.before?.header, entry?.after?.header], ["set", null]);
  await edit({ url: "http://gamma", auth: "sealed anew" }, 4);
  assertEquals(await authOf(), "sealed anew");
  await close();
});

Deno.test("a drained server stays drained at another address, and the usual header does not follow it", async () => {
  const { writer, id, store, setStep, promptId, edit, close } = await openAtWork();
  await setStep("done");
  await store.freeSlot(promptId);
  await store.changeBackend(id, () => ({ status: "drain" }));
  await setServer(writer, id, { usualHeader: true });
  assertEquals(await edit({ name: "Lab" }), { end: "saved", id, rev: 2, headerGone: false });
  assertEquals(await edit({ url: "http://beta" }, 2), { end: "saved", id, rev: 3, headerGone: true });
  const [row] = await store.backends();
  assertEquals([row?.url, row?.status, row?.usualHeader], ["http://beta", "drain", false]);
  await close();
});

Deno.test("one machine is entered once, however its address is written", async () => {
  const { store, writer, id, edit, close } = await openAtWork();
  const former = makeBackend({ id: newId(), url: "http://GPU:8188/", origin: "config" });
  await store.saveBackend(former);
  const row = makeBackend({ id: newId(), url: "http://gpu:8188" });
  const taken = { end: "taken" as const, id: former.id };
  assertEquals(await addServer(writer, { row, change: {} }, BY), taken);
  assertEquals(await edit({ url: "http://gpu:8188" }), taken);
  assertEquals((await store.backends()).length, 2, id);
  await close();
});

Deno.test("two operators who edit one server: the second is told, and nothing of the first is lost", async () => {
  const { id, store, edit, close } = await openAtWork();
  assertEquals((await edit({ name: "First", tags: ["a"] })).end, "saved");
  assertEquals(await edit({ name: "Second" }), { end: "changed" });
  const [row] = await store.backends();
  assertEquals([row?.id, row?.name, row?.tags, row?.rev], [id, "First", ["a"], 2]);
  await close();
});

Deno.test("while maintenance is on no slot is granted, whatever the one who grants still believes", async () => {
  const { writer, store, id, close } = await openAtWork();
  await store.changeBackend(id, () => ({ status: "up" }));
  await writer.updateTable("backend").set({ slots: 2 }).execute();
  const job = await admitReady(store);
  const place = { jobId: job.id, stepId: "part-0", take: 0, attempt: 1, backendId: id, n: 1, family: "wan" };
  const upkeep = openUpkeep({ writer, reader: writer, clock: systemClock() });
  await upkeep.begin("New cards.", BY);
  assertEquals(await store.grant({ ...place, promptId: newId() }), false);
  await upkeep.end(BY);
  assertEquals(await store.grant({ ...place, promptId: newId() }), true);
  await close();
});
