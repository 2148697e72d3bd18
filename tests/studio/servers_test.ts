/** Render servers that come, change and go while the studio runs, over a real house. */
import { z } from "zod";
import { pick } from "@/core/schedule.ts";
import type { House } from "@/studio/open.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { board, step } from "@/tests/core/board.ts";
import { newId, until } from "@/tests/db/fixtures.ts";
import type { Person } from "@/tests/rig/person.ts";
import { openDraft, openHouseAt, personAt } from "@/tests/rig/rig.ts";
import { serveFacts, type TellingServer } from "@/tests/rig/telling_server.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

const Server = z.looseObject({
  id: z.string(),
  url: z.string(),
  status: z.string(),
  origin: z.string(),
  name: z.string().nullable(),
  slots: z.int(),
  vramBytes: z.number().nullable(),
  vramFree: z.number().nullable(),
  header: z.string().nullable(),
  tags: z.array(z.string()),
  gpu: z.string().nullable(),
  rev: z.int(),
});
const Servers = z.object({ items: z.array(Server) });
const Test = z.looseObject({
  reachable: z.boolean(),
  problem: z.string().nullable(),
  version: z.string().nullable(),
  able: z.array(z.string()),
  lacks: z.array(z.looseObject({ title: z.string() })),
});
const Tried = z.object({ works: z.boolean(), notes: z.array(z.string()) });
const Saved = z.object({ id: z.string(), rev: z.int() });
const Refusal = z.looseObject({
  code: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

const HEADER = "Authorization: Bearer very-long-secret-1234";

interface Setting extends AsyncDisposable {
  house: House;
  draft: string;
  person: Person;
  server: TellingServer;
  /** Starts the studio anew, with another configuration. */
  restart(env?: Record<string, string>): Promise<void>;
}

async function open(): Promise<Setting> {
  const { definitions } = await readShelf();
  const server = serveFacts(definitions);
  const dir = await Deno.makeTempDir();
  const draft = await openDraft(`${dir}/draft`);
  const start = (env: Record<string, string> = {}) =>
    openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url, ...env });
  const house = await start();
  const setting: Setting = {
    house,
    draft: draft.url,
    person: await personAt(house).register(),
    server,
    async restart(env) {
      await setting.house.close();
      setting.house = await start(env);
      setting.person = await personAt(setting.house).logIn();
    },
    async [Symbol.asyncDispose]() {
      await setting.house.close();
      await draft.close();
      await server[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
  return setting;
}

async function refused(rig: Setting, method: string, path: string, body?: unknown) {
  const answer = await rig.person.send(method, path, body);
  const text = await answer.text();
  const { code, fields } = Refusal.parse(JSON.parse(text));
  return [answer.status, code, [...new Set(fields?.map(({ path }) => path))]];
}

const list = async ({ person }: Pick<Setting, "person">) =>
  (await person.json(Servers, "GET", "/admin/backends")).items;
const find = async (rig: Pick<Setting, "person">, id: string) =>
  (await list(rig)).find((one) => one.id === id);
const auditOf = async (house: House) =>
  await house.studio.audit.list(
    { thing: "backend", personId: null, subject: null, from: null, until: null },
    { before: null, limit: 20 },
  );

Deno.test("a server is tried, added and edited while the studio runs; it works at once and is there after a restart [XC12]", async () => {
  await using rig = await open();
  const { server } = rig;
  const { person, house } = rig;
  assertEquals(house.studio.offer.engine, "draft");
  const tried = await person.json(Test, "POST", "/admin/backends/test", { url: server.url });
  assertEquals([tried.reachable, tried.version], [true, "0.33.0"]);
  assert(tried.able.length > 0 || tried.lacks.length > 0, "tells what it can make");
  assertEquals((await list(rig)).length, 1, "a try saves nothing");

  const wish = { url: `${server.url}/`, name: "Lab", header: HEADER, tags: ["lab"], slots: 3 };
  const { id, rev } = await person.json(Saved, "POST", "/admin/backends", wish);
  assertEquals(house.studio.offer.engine, "comfy", "films go to real servers from now on");
  await until(async () => (await find(rig, id))?.status === "up");
  const shown = await find(rig, id);
  assertEquals(
    [shown?.url, shown?.name, shown?.slots, shown?.header, shown?.tags, shown?.origin, shown?.vramFree],
    [server.url, "Lab", 3, "1234", ["lab"], "added", 24e9],
  );
  const row = (await house.store.backends()).find((one) => one.id === id);
  assert(row?.auth && !row.auth.includes("very-long"), "the header is sealed");

  const edit = { rev, name: "Lab 2", slots: null, vramBytes: 12e9 };
  await person.json(Saved, "POST", `/admin/backends/${id}/edit`, edit);
  assertEquals(
    await refused(rig, "POST", `/admin/backends/${id}/edit`, { rev, name: "Too late" }),
    [409, "request.conflict", []],
  );
  const entries = await auditOf(house);
  assertEquals(entries.map(({ action }) => action), ["backend.edit", "backend.add"]);
  assertEquals([entries[0]?.before?.name, entries[0]?.after?.name], ["Lab", "Lab 2"]);
  assert(!JSON.stringify(entries).includes("very-long"), "the log has no secret");

  await rig.restart();
  assertEquals(rig.house.studio.offer.engine, "comfy");
  const after = await find(rig, id);
  assertEquals([after?.name, after?.slots, after?.vramBytes, after?.header], ["Lab 2", 2, 12e9, "1234"]);
});

Deno.test("what is no server, or one twice, is refused at its field; one that is silent is saved when that is wished", async () => {
  await using rig = await open();
  const { server } = rig;
  for (
    const url of [
      "ftp://host",
      "http://user:pass@10.0.0.5:8188",
      "http://10.0.0.5:8188/?a=1",
      "host:8188",
      "",
    ]
  ) {
    assertEquals(
      await refused(rig, "POST", "/admin/backends", { url }),
      [422, "request.invalid", ["url"]],
      url,
    );
  }
  for (const header of ["no header", "Host: other", "X: a\r\nY: b", "Content-Length: 3"]) {
    assertEquals(
      await refused(rig, "POST", "/admin/backends", { url: server.url, header }),
      [422, "request.invalid", ["header"]],
      header,
    );
  }
  const silent = "http://127.0.0.1:9";
  assertEquals(await refused(rig, "POST", "/admin/backends", { url: silent }), [422, "server.silent", [
    "url",
  ]]);
  assertEquals((await list(rig)).length, 1);
  await rig.person.json(Saved, "POST", "/admin/backends", { url: silent, untested: true });
  assertEquals(
    await refused(rig, "POST", "/admin/backends", { url: `${silent}/`, untested: true }),
    [422, "request.invalid", ["url"]],
  );
  assertEquals(await refused(rig, "POST", "/admin/backends/none/edit", { rev: 1 }), [
    404,
    "request.not_found",
    [],
  ]);
});

Deno.test("an added server goes for good; the configuration's own stay, and may go once it names them no more", async () => {
  await using rig = await open();
  const { server } = rig;
  const { house, person } = rig;
  assertEquals(await refused(rig, "DELETE", "/admin/backends/draft"), [409, "server.fixed", []]);
  const { id } = await person.json(Saved, "POST", "/admin/backends", { url: server.url });
  await until(async () => (await find(rig, id))?.status === "up");
  const row = (await house.store.backends()).find((one) => one.id === id);
  assert(row);
  const client = house.clients.comfyFor(row);
  const close = client.close.bind(client);
  let closed = 0;
  client.close = () => (closed++, close());
  assertEquals((await person.send("DELETE", `/admin/backends/${id}`)).status, 204);
  assert(closed === 1 && house.clients.comfyFor(row) !== client, "nothing reconnects to it");
  assertEquals([await find(rig, id), house.studio.offer.engine], [undefined, "draft"]);

  await rig.restart({ COMFY_URLS: `${server.url},http://127.0.0.1:9` });
  const origins = async () => (await list(rig)).map(({ url, origin }) => `${origin} ${url}`).sort();
  assertEquals(
    await origins(),
    [`config ${server.url}`, "config http://127.0.0.1:9", `draft ${rig.draft}`].sort(),
  );
  await rig.restart({ COMFY_URLS: server.url });
  const former = (await list(rig)).find(({ url }) => url === "http://127.0.0.1:9");
  assertEquals([former?.origin, former?.status], ["former", "drain"]);
  const { works, notes } = await rig.person.json(Tried, "POST", "/admin/settings/test", { service: "comfy" });
  assert(works && notes.length === 1, `only the server that films go to counts: ${notes}`);
  assertEquals((await rig.person.send("DELETE", `/admin/backends/${former?.id}`)).status, 204);
  assertEquals((await rig.person.send("DELETE", `/admin/backends/${newId()}`)).status, 404);
});

Deno.test("the usual header goes to servers of COMFY_URLS alone: neither to a typed address, nor to one that is added, nor to a draft renderer; what a header says is struck out of the log", async () => {
  const { definitions } = await readShelf();
  await using draft = serveFacts(definitions);
  await using named = serveFacts(definitions);
  await using typed = serveFacts(definitions);
  const dir = await Deno.makeTempDir();
  const [usual, own] = ["usual-secret-1234", 'own-"secret"-5678'];
  const env = { DRAFT_URL: draft.url, COMFY_URLS: named.url, COMFY_AUTH_HEADER: `X-Key: ${usual}` };
  const house = await openHouseAt(dir, env);
  try {
    const person = await personAt(house).register();
    const [first] = (await house.store.backends()).filter(({ url }) => url === named.url);
    const tryAll = async (...all: Record<string, unknown>[]) => {
      for (const asked of all) {
        assert((await person.json(Test, "POST", "/admin/backends/test", asked)).reachable);
      }
    };
    await tryAll({ id: "draft" }, { url: `${draft.url}/` }, { url: typed.url }, {
      id: first?.id,
      url: typed.url,
    });
    assertEquals([[...draft.keys], [...typed.keys]], [[], []]);
    await tryAll({ url: named.url }, { id: first?.id });
    assertEquals([...named.keys], [usual]);
    const header = `X-Key: ${own}`;
    await tryAll({ url: typed.url, header });
    assertEquals([...typed.keys], [own]);
    typed.keys.clear();
    const { id } = await person.json(Saved, "POST", "/admin/backends", { url: typed.url });
    const stored = (await house.store.backends()).find((row) => row.id === id);
    assert(stored);
    await house.clients.comfyFor(stored).status(AbortSignal.timeout(5000));
    await tryAll({ id });
    assertEquals([...typed.keys], [], "an added server has the header that it was given, or none");
    house.studio.log.warn("tried both", { error: `with ${usual} and ${own}` });
    const { lines } = await house.studio.logs.find({ id: null, least: "warn", limit: 50 });
    const said = lines.find(({ text }) => text === "tried both");
    assertEquals(said?.fields.error, "with [secret] and [secret]");
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("[TA45] which server does which work is what operators set and see, and what the scheduler goes by", async () => {
  await using rig = await open();
  const { definitions } = await readShelf();
  await using second = serveFacts(definitions);
  const { person, house } = rig;
  const add = (name: string, url: string, tag: string) =>
    person.json(Saved, "POST", "/admin/backends", { name, url, tags: [tag], gpu: `Card of ${name}` });
  const primary = await add("Primary", rig.server.url, "wan");
  const secondary = await add("Secondary", second.url, "ltx");
  await until(async () => {
    const rows = await list(rig);
    return [primary, secondary].every(({ id }) => rows.find((row) => row.id === id)?.status === "up");
  });
  const seen = (await list(rig)).map(({ name, gpu, tags }) => [name, gpu, tags]);
  for (const [name, tag] of [["Primary", "wan"], ["Secondary", "ltx"]]) {
    assert(seen.some((one) => JSON.stringify(one) === JSON.stringify([name, `Card of ${name}`, [tag]])));
  }
  const serverOf = async (template: string) => {
    const backends = (await house.store.backends()).filter(({ engine }) => engine === "comfy");
    return pick(board({ backends, ready: [step("job", { template })] }))?.backend.name;
  };
  assertEquals([await serverOf("wan/i2v"), await serverOf("ltx/t2v")], ["Primary", "Secondary"]);
  const edit = (id: string, rev: number, tag: string) =>
    person.json(Saved, "POST", `/admin/backends/${id}/edit`, { rev, tags: [tag] });
  await edit(primary.id, primary.rev, "ltx");
  await edit(secondary.id, secondary.rev, "wan");
  assertEquals([await serverOf("wan/i2v"), await serverOf("ltx/t2v")], ["Secondary", "Primary"]);
});
