/** The operators' view over a real database: everybody's line, and servers in plain words. */
import { openProgressBus } from "@/adapters/system/progress.ts";
import type { Admin } from "@/core/admin.ts";
import type { By } from "@/core/audit.ts";
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
    ahead,
    shelf: { lacks: (row) => Promise.resolve([{ template: "animate/move", title: row.id, lines }]) },
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
    const line = async (name: Parameters<Admin["line"]>[0], page = PAGE) => {
      const { items, total } = await admin.line(name, page);
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
