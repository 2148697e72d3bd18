/** The operators' view over a real database: everybody's line, and servers in plain words. */
import { systemIds } from "@/adapters/system/ids.ts";
import { openProgressBus } from "@/adapters/system/progress.ts";
import type { Admin, LineName } from "@/core/admin.ts";
import type { By } from "@/core/audit.ts";
import { createUser } from "@/db/accounts.ts";
import type { NewJob } from "@/core/store.ts";
import type { ErrandAct } from "@/core/line.ts";
import { openAdmin } from "@/studio/door/admin.ts";
import { NO_LIMITS } from "@/core/schedule_memory.ts";
import { openAhead, openLoads, openPaces } from "@/studio/door/ahead.ts";
import { FakeClock } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import {
  admitReady,
  behave,
  makeBackend,
  makeJob,
  makeStep,
  newId,
  type Opened,
  openSqlite,
  tell,
} from "@/tests/db/fixtures.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

async function withAdmin(use: (rig: Opened & { admin: Admin }) => Promise<void>): Promise<void> {
  const opened = await openSqlite();
  const clock = new FakeClock();
  const { templates } = await readShelf();
  const ahead = openAhead({
    reader: opened.database.reader,
    clock,
    progress: openProgressBus(clock, new AbortController().signal),
    paces: openPaces({ ...opened.database, clock }),
    loads: openLoads({ ...opened.database, clock }),
    usual: () => NO_LIMITS,
  });
  const lines = [{ text: "Model file a is missing.", remedy: "Get it.", source: null }];
  const admin = openAdmin({
    ...opened.database,
    store: opened.store,
    templates,
    clock,
    ids: systemIds(),
    ahead,
    shelf: {
      knownLacks: () => Promise.resolve([]),
      lacks: (row) => Promise.resolve([{ template: "animate/move", title: row.id, lines }]),
    },
    comfyFor: () => {
      throw new Error("No server is asked here");
    },
    schedule: () => {},
    hint: () => {},
    hintOf: () => "",
    config: { JOBS_QUEUED_MAX: 100 },
  });
  await use({ ...opened, admin });
  await opened.close();
}

const BY: By = { userId: newId(), tokenId: null, address: "10.0.0.1" };
const ANY = { owner: null, mode: null, search: null };
const PAGE = { offset: 0, limit: 50 };

Deno.test("the line has everybody's jobs where they are: on a server, waiting in order, held by something else", () =>
  withAdmin(async ({ admin, store }) => {
    await store.saveBackend(makeBackend({ slots: 1 }));
    const [run, late, soon] = [
      await admitReady(store),
      await admitReady(store),
      await admitReady(store, { priority: 5 }),
    ];
    const grant = {
      stepId: "part-0",
      take: 0,
      attempt: 1,
      backendId: "alpha",
      n: 0,
      promptId: newId(),
      family: "wan",
    };
    assert(await store.grant({ ...grant, jobId: run.id }));
    const rest = makeJob();
    const joining = await admitReady(store);
    await store.admit([rest]);
    await store.post([tell(joining.id, "join")]);
    await store.turn(
      joining.id,
      behave(({ at }) => ({
        steps: [
          makeStep("part-0", { state: "done" }),
          makeStep("part-1", { state: "done" }),
          makeStep("join", { state: "running", startedAt: at }),
        ],
      })),
    );
    const line = async (name: LineName, page = PAGE) => {
      const { items, total } = await admin.line({ ...ANY, name }, page);
      return [items.map(({ id, place }) => [id, place]), total];
    };
    assertEquals(await line("running"), [[[joining.id, null], [run.id, null]], 2]);
    assertEquals(await line("waiting"), [[[soon.id, 1], [late.id, 2]], 2]);
    assertEquals(await line("waiting", { offset: 1, limit: 5 }), [[[late.id, 2]], 2]);
    assertEquals(await line("held"), [[[rest.id, null]], 1]);
    assertEquals((await admin.liveJob(rest.id))?.status, "created");
    assertEquals(await admin.liveJob(newId()), null);
  }));

Deno.test("a server says how many slots are taken and what its models make, in plain words", () =>
  withAdmin(async ({ admin, store }) => {
    const { templates } = await readShelf();
    const template = templates.find(({ manifest }) => manifest.requires.models.length > 1);
    assert(template);
    const { requires, title } = template.manifest;
    const loadedFamily = requires.models.slice(0, 2).map((model) => model.file).join(" + ");
    await store.saveBackend(makeBackend({ loadedFamily }));
    await store.saveBackend(makeBackend({ id: "beta", loadedFamily: "foreign.safetensors" }));
    const job = await admitReady(store);
    const grant = {
      stepId: "part-0",
      take: 0,
      attempt: 1,
      backendId: "alpha",
      n: 0,
      promptId: newId(),
      family: "wan",
    };
    assert(await store.grant({ ...grant, jobId: job.id }));
    const [alpha, beta] = await admin.backends();
    assertEquals([alpha?.held, beta?.held, beta?.loadedFor], [1, 0, []]);
    assert(alpha?.loadedFor.includes(title), JSON.stringify(alpha?.loadedFor));
    const lacks = await admin.lacks("alpha", AbortSignal.timeout(1000));
    assertEquals(lacks?.map(({ title, lines }) => [title, lines.length]), [["alpha", 1]]);
    assertEquals(await admin.lacks("unknown", AbortSignal.timeout(1000)), null);
  }));

Deno.test("a dead letter is posted again or dropped, however many there are", () =>
  withAdmin(async ({ admin, store, database }) => {
    for (let n = 0; n < 230; n++) await store.post([tell(newId(), "nobody", { id: `lost-${n}` })]);
    assertEquals((await admin.deadLetters(500)).length, 200);
    assertEquals(await admin.settle("lost-3", "drop", BY), true);
    assertEquals(await admin.settle("lost-3", "drop", BY), false);
    const count = await database.reader.selectFrom("deadletter").select((eb) =>
      eb.fn.countAll<number>().as("n")
    )
      .executeTakeFirstOrThrow();
    assertEquals(Number(count.n), 229);
  }));

const errand = (act: ErrandAct) => ({ act, message: { type: act }, priority: null });

Deno.test("[AX37] a flood of one person is found, paused in one transaction with one entry, and only that goes on again", () =>
  withAdmin(async ({ admin, store, database: { reader, writer } }) => {
    const [flood, other] = [newId(), newId()];
    const jobs: NewJob[] = [];
    for (let n = 0; n < 30; n++) {
      jobs.push(await admitReady(store, { userId: n < 25 ? flood : other, shown: { status: "queued" } }));
    }
    const user = { id: flood, email: "flood@example.org", passwordHash: "", role: "creator" as const };
    await createUser(writer, user, "later");
    await writer.updateTable("jobs").where("no", "<=", 3).set({ title: "Fox" }).execute();
    const where = { name: null, owner: "flood@example.org", mode: null, search: null };
    assertEquals([await admin.count(where), await admin.count({ ...where, search: "fox" })], [25, 3]);
    const line = await admin.line({ ...where, name: "waiting", search: "FOX" }, PAGE);
    assertEquals([line.total, line.items.map(({ title }) => title)], [3, ["Fox", "Fox", "Fox"]]);
    assertEquals((await admin.line({ ...where, name: "held" }, PAGE)).total, 0);
    assertEquals(await admin.tellMany({ where }, errand("pause"), BY), { told: 25, passed: 0 });
    const { mail } = await store.inspect();
    assertEquals(mail.filter(({ kind }) => kind === "pause").length, 25);
    const log = await reader.selectFrom("audit_log").selectAll().execute();
    assertEquals(log.map(({ action, subject }) => [action, subject]), [["queue.pause", "queue"]]);
    const { after } = JSON.parse(log[0]?.detail_json ?? "");
    assertEquals([after.jobs, after.owner, after.ids.split(" ").length], [25, "flood@example.org", 25]);
    // Without turns nothing is paused yet: nothing goes on, and nobody writes of it.
    assertEquals(await admin.tellMany({ where }, errand("resume"), BY), { told: 0, passed: 25 });
    const [one] = jobs;
    assert(one);
    assertEquals(await admin.tellMany({ ids: [one.id, newId()] }, errand("cancel"), BY), {
      told: 1,
      passed: 1,
    });
    const last = await reader.selectFrom("audit_log").orderBy("seq", "desc").selectAll().executeTakeFirst();
    assertEquals([last?.action, last?.subject], ["job.cancel", one.id]);
  }));

Deno.test("[AX37] what operators put in front is served first whoever it is of, until it has ended", () =>
  withAdmin(async ({ admin, store, database: { reader } }) => {
    await store.saveBackend(makeBackend({ slots: 1 }));
    const [first, second, third] = [
      await admitReady(store, { priority: 100 }),
      await admitReady(store),
      await admitReady(store),
    ];
    const order = async () => {
      const { items } = await admin.line({ ...ANY, name: "waiting" }, PAGE);
      return items.map(({ id, front }) => [id, front]);
    };
    assertEquals(await order(), [[first.id, false], [second.id, false], [third.id, false]]);
    assertEquals(await admin.move({ ids: [third.id] }, "next", BY), { told: 1, passed: 0 });
    assertEquals(await order(), [[third.id, true], [first.id, false], [second.id, false]]);
    assertEquals((await store.ready(1)).map(({ jobId, front }) => [jobId, front]), [[third.id, 1]]);
    await admin.move({ ids: [second.id] }, "up", BY);
    assertEquals(await order(), [[third.id, true], [second.id, true], [first.id, false]]);
    assertEquals(await admin.move({ ids: [third.id] }, "up", BY), null);
    await admin.move({ ids: [third.id] }, "turn", BY);
    assertEquals(await order(), [[second.id, true], [first.id, false], [third.id, false]]);
    await store.post([tell(second.id, "end")]);
    await store.turn(
      second.id,
      behave(({ at }) => ({ steps: [], shown: { ...second.shown, status: "cancelled", endedAt: at } })),
    );
    const left = await reader.selectFrom("actor").where("front", "is not", null).select("id").execute();
    assertEquals(left, []);
    const log = await reader.selectFrom("audit_log").select(["action", "subject"]).execute();
    assertEquals(log.map(({ subject }) => subject), [third.id, second.id, third.id]);
  }));

Deno.test("a revision by an operator and its entry are stored together or not at all", () =>
  withAdmin(async ({ admin, store, database: { reader } }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    const entry = {
      action: "job.edit" as const,
      subject: job.id,
      before: { prompt: "a" },
      after: { prompt: "b" },
    };
    const revision = { rev: 2, plan: job.plan, mail: tell(job.id, "edit") };
    assertEquals(await admin.revise(job.id, revision, entry, BY), true);
    assertEquals(await admin.revise(job.id, revision, entry, BY), false);
    const log = await reader.selectFrom("audit_log").select("action").execute();
    assertEquals(log.map(({ action }) => action), ["job.edit"]);
  }));
