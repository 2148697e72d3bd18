/** A render server on which everything fails, beside one on which nothing does: films are made, and operators see why. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { openDraft, openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Servers = z.object({
  items: z.array(z.looseObject({
    id: z.string(),
    url: z.string(),
    failures: z.int(),
    lastFailure: z.looseObject({ cause: z.string(), jobId: z.string() }).nullable(),
    hold: z.looseObject({ films: z.int() }).nullable(),
  })),
});
const Failed = z.object({
  items: z.array(z.looseObject({
    id: z.string(),
    title: z.string(),
    owner: z.string(),
    step: z.string().nullable(),
    backendId: z.string().nullable(),
    code: z.string(),
    cause: z.string(),
  })),
  next: z.string().nullable(),
});
const Lines = z.object({
  items: z.array(z.looseObject({ level: z.string(), text: z.string(), fields: z.looseObject({}) })),
});
/** All prompts that a test may send. */
const ALWAYS = { do: "next", fault: "error", count: 100 } as const;

async function open() {
  await using end = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  end.defer(() => Deno.remove(dir, { recursive: true }));
  const drafts = [];
  for (const name of ["one", "two"]) {
    const draft = await openDraft(`${dir}/${name}`);
    end.defer(draft.close);
    drafts.push(draft);
  }
  const [one, two] = drafts;
  assert(one && two);
  const env = { METRICS_TOKEN: "0123456789abcdef", LOG_LEVEL: "warn" };
  const house = await openHouseAt(`${dir}/data`, { COMFY_URLS: `${one.url},${two.url}`, ...env });
  end.defer(house.close);
  await until(async () => (await house.store.backends()).every(({ status }) => status === "up"));
  const person = await personAt(house).register();
  const parts = end.move();
  return { house, person, one, two, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

Deno.test("films that fail on one server are made by the other, the broken one is put on hold, and operators see it all", async () => {
  await using rig = await open();
  const { house, person, one, two } = rig;
  const servers = async () => (await person.json(Servers, "GET", "/admin/backends")).items;
  const broken = async () => (await servers()).find(({ url }) => url === one.url);
  await one.obey(ALWAYS);
  const cast = await person.bringCast();
  const jobs = [];
  for (const n of [1, 2, 3, 4]) jobs.push(await person.animate(cast, { frames: 5, side: 128, seed: `${n}` }));
  for (const { id } of jobs) assertEquals((await person.waitForEnd(id)).status, "completed");
  const card = await broken();
  assert(card && card.failures >= 3 && card.failures <= 4, `it failed ${card?.failures} times`);
  assertEquals(card.hold?.films, 3);
  const { cause = "", jobId = "" } = card.lastFailure ?? {};
  assert(cause.includes("RuntimeError"), cause);
  const metrics = await house.studio.metrics.read();
  const label = `animatrix_failures_total{backend="${card.id}",code="comfy.execution"} ${card.failures}`;
  assert(metrics.includes(label), label);
  assert(metrics.includes(`animatrix_backend_on_hold{backend="${card.id}"} 1`));
  const logged = (await person.json(Lines, "GET", `/admin/logs?least=warn&id=${jobId}`)).items;
  const line = logged.find(({ text }) => text === "step failed");
  assertEquals([line?.level, line?.fields.backend], ["warn", card.id]);
  assert(String(line?.fields.cause).includes("RuntimeError"));

  // The only server that is left breaks too: a film that fails there waits for the other one, and is made by it.
  await one.obey({ do: "clear" });
  await two.obey(ALWAYS);
  const last = await person.animate(cast, { frames: 5, side: 128, seed: "5" });
  await until(async () => (await servers()).some(({ url, failures }) => url === two.url && failures > 0));
  assertEquals((await person.job(last.id)).status === "failed", false);
  assertEquals((await person.send("POST", `/admin/backends/${card.id}/use`)).status, 204);
  assertEquals((await person.waitForEnd(last.id)).status, "completed");
  assertEquals((await broken())?.hold, null);

  // What fails on both is the film's fault.
  await one.obey(ALWAYS);
  const bad = await person.animate(cast, { frames: 5, side: 128, seed: "6", title: "Bad one" });
  const failed = await person.waitForEnd(bad.id);
  assertEquals([failed.status, failed.problem?.code], ["failed", "comfy.execution"]);
  const { items: [film, ...more] } = await person.json(Failed, "GET", "/admin/failed");
  assertEquals([film?.id, film?.title, film?.owner, more.length], [
    bad.id,
    "Bad one",
    "person@studio.example",
    0,
  ]);
  assert(film?.cause.includes("RuntimeError"), film?.cause);
  assert((await servers()).some(({ id }) => id === film?.backendId));
  for (const draft of [one, two]) await draft.obey({ do: "clear" });
  assertEquals((await person.send("POST", `/admin/failed/${bad.id}/retry`)).status, 204);
  await person.waitFor(bad.id, ({ status }) => status === "completed");
  assertEquals((await person.json(Failed, "GET", "/admin/failed")).items, []);
  assertEquals((await person.send("POST", `/admin/failed/${bad.id}/retry`)).status, 404);
});
