/** Preflight in a real studio: what no server could run is refused before it queues, and nobody gets what they lack. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import type { Definitions } from "@/core/template.ts";
import type { Person } from "@/tests/rig/person.ts";
import { openDraft, openHouseAt, openRig, personAt, type Rig } from "@/tests/rig/rig.ts";
import { offering, serveFacts, type TellingServer } from "@/tests/rig/telling_server.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

const Refusal = z.looseObject({
  code: z.string(),
  title: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })),
});
const Preview = z.looseObject({
  ok: z.boolean(),
  notes: z.array(z.string()),
  servers: z.object({ says: z.string(), field: z.string(), preset: z.string().nullable() }).nullable(),
});
const T2V = { mode: "ltx", submode: "t2v", prompt: "A harbour at dawn" };

const withModels = (definitions: Definitions, files: string[]) =>
  offering(definitions, { class: "CheckpointLoaderSimple", input: "ckpt_name", files });

/** A studio whose servers have told what they have. */
async function openBeside(servers: TellingServer[]): Promise<Rig> {
  const rig = await openRig({ env: { COMFY_URLS: servers.map(({ url }) => url).join(",") } });
  await until(async () => {
    const items = await rig.house.studio.shelf.list();
    return items.every((item) => item.servers.every(({ standing }) => standing !== "unknown"));
  }, 30_000);
  return rig;
}

/** An operator who looks at the servers makes the studio ask them anew. */
async function lookAgain({ person, house }: Rig): Promise<void> {
  for (const { id } of await house.store.backends()) {
    await person.json(z.unknown(), "GET", `/admin/backends/${id}/lacks`);
  }
}

async function refusal(person: Person, body: unknown, path = "/jobs") {
  const answer = await person.send("POST", path, body);
  const text = await answer.text();
  assertEquals(answer.status, 409, text);
  return Refusal.parse(JSON.parse(text));
}

const preview = (person: Person, body: unknown) => person.json(Preview, "POST", "/jobs/preview", body);

Deno.test("a job that no server could run is refused before it queues, with what would work; a draft goes on", async () => {
  const { definitions } = await readShelf();
  await using server = serveFacts(withModels(definitions, []));
  await using rig = await openBeside([server]);
  const { person } = rig;
  const refused = await refusal(person, T2V);
  assertEquals([refused.code, refused.fields[0]?.path], ["comfy.missing_model", "settings.engine"]);
  assert(refused.title.includes("model") && refused.title.includes("A draft works."), refused.title);
  assert(!/safetensors|node/i.test(JSON.stringify([refused.title, refused.fields])), "plain words");
  const seen = await preview(person, T2V);
  assertEquals([seen.ok, seen.servers?.says, seen.servers?.preset], [false, refused.title, null]);
  assertEquals((await person.page()).items, []);
  const draft = await person.create({ ...T2V, settings: { engine: "draft", seconds: 1 }, start: false });
  assertEquals(draft.status, "created");
  server.has.definitions = definitions;
  await lookAgain(rig);
  assertEquals((await preview(person, T2V)).ok, true);
});

Deno.test("duplicates, edits, retakes and retries are judged like new jobs", async () => {
  const { definitions } = await readShelf();
  await using server = serveFacts(definitions);
  await using rig = await openBeside([server]);
  const { person, house } = rig;
  const job = await person.create({ ...T2V, start: false });
  server.has.definitions = withModels(definitions, []);
  await lookAgain(rig);
  for (const [name, body] of [["duplicate", {}], ["edit", { prompt: "A harbour at night" }]] as const) {
    assertEquals((await refusal(person, body, `/jobs/${job.id}/${name}`)).code, "comfy.missing_model", name);
  }
  const failed = { status: "failed" };
  await house.db.writer.updateTable("jobs").set(failed).where("id", "=", job.id).execute();
  const retried = await refusal(person, {}, `/jobs/${job.id}/retry`);
  assertEquals(retried.code, "comfy.missing_model");
});

/** What Animate may be made with. */
async function models(person: Person): Promise<string[]> {
  const Setting = z.looseObject({ name: z.string(), options: z.array(z.object({ value: z.string() })) });
  const Modes = z.looseObject({
    items: z.array(z.looseObject({ submode: z.string().nullable(), finishing: z.array(Setting) })),
  });
  const { items } = await person.json(Modes, "GET", "/modes");
  const move = items.find(({ submode }) => submode === "move");
  return move?.finishing.find(({ name }) => name === "template")?.options.map(({ value }) => value) ?? [];
}

Deno.test("an answer that a server lacks the model for is named, and what works is offered; so is another model where a server has it", async () => {
  const { definitions } = await readShelf();
  const loras = ["ltx-2.3-22b-distilled-lora-384.safetensors"];
  const lean = offering(definitions, { class: "LoraLoaderModelOnly", input: "lora_name", files: loras });
  await using server = serveFacts(lean);
  await using rig = await openBeside([server]);
  const options = { camera: "dolly_in" };
  const refused = await refusal(rig.person, { ...T2V, settings: { options } });
  assertEquals(refused.fields[0]?.path, "settings.options.camera");
  assert(refused.title.includes("Camera"), refused.title);
  assertEquals((await preview(rig.person, T2V)).ok, true);
  server.has.definitions = definitions;
  await lookAgain(rig);
  assertEquals(await models(rig.person), ["animate/move", "animate/move2"]);
  const { WanAnimate2ToVideo: _, ...older } = definitions;
  server.has.definitions = older;
  await lookAgain(rig);
  assertEquals(await models(rig.person), [], "a choice of one is none");
});

Deno.test("[TA54] on a 12 GB card a job is made with the preset for little memory and says so; another one is refused with the limit", async () => {
  const { definitions, templates } = await readShelf();
  const low = templates.find(({ manifest }) => manifest.id === "ltx/t2v")?.manifest.lowVram[0]?.preset;
  assert(low);
  await using server = serveFacts(definitions, 12);
  await using rig = await openBeside([server]);
  const { person, house } = rig;
  const seen = await preview(person, T2V);
  assertEquals(seen.ok, true);
  assert(seen.notes[0]?.includes("12 GB"), JSON.stringify(seen.notes));
  const job = await person.create({ ...T2V, start: false });
  const plan = await house.studio.jobs.plan(job.id, 1);
  const presets = plan?.steps.flatMap((step) => step.kind === "prompt" ? [step.preset] : []);
  assertEquals(presets, [low]);
  const refused = await refusal(person, { ...T2V, settings: { preset: "quality" } });
  assertEquals([refused.code, refused.fields[0]?.path], ["comfy.no_memory", "settings.preset"]);
  assert(refused.title.includes("24 GB") && refused.title.includes("12 GB"), refused.title);
});

Deno.test("while no server answers a job waits as it is", async () => {
  await using rig = await openRig({ env: { COMFY_URLS: "http://127.0.0.1:9" } });
  const job = await rig.person.create(T2V);
  await rig.person.waitFor(job.id, ({ status }) => status === "queued");
});

Deno.test("a server that lacks something is never given that step; another one is", async () => {
  const { definitions } = await readShelf();
  const dir = await Deno.makeTempDir();
  const able = await openDraft(`${dir}/able`);
  await using poor = serveFacts(withModels(definitions, []));
  const env = { COMFY_URLS: `${poor.url},${able.url}`, DRAFT_URL: "off" };
  const house = await openHouseAt(`${dir}/data`, env);
  try {
    const person = await personAt(house).register();
    // More than the slots of the able one.
    const jobs = await Promise.all([1, 2, 3].map(() => person.create({ ...T2V, settings })));
    for (const { id } of jobs) {
      const ended = await person.waitForEnd(id);
      assertEquals(ended.status, "completed", JSON.stringify(ended.problem));
    }
    assertEquals(poor.prompts, 0);
  } finally {
    await house.close();
    await able.close();
    await Deno.remove(dir, { recursive: true });
  }
});

const settings = { width: 256, height: 256, seconds: 1, preset: "fast" };

Deno.test("a server is asked for the classes of the templates alone, and beside the work", async () => {
  const { definitions, templates } = await readShelf();
  await using server = serveFacts(definitions);
  await using _ = await openBeside([server]);
  const wanted = new Set(
    templates.flatMap(({ graph }) => Object.values(graph).map((node) => node.class_type)),
  );
  for (const { manifest: { inputs } } of templates) {
    for (const { fold } of Object.values(inputs)) if (fold) wanted.add(fold.class);
  }
  assertEquals(server.asked.filter((name) => !wanted.has(name)), []);
});

Deno.test("[TA44] stills of 512x768 and loops of 512x512x16 are taken; what is over the card is refused with the limit", async () => {
  const { definitions } = await readShelf();
  await using server = serveFacts(definitions, 8);
  await using rig = await openBeside([server]);
  const wish = (submode: string, width: number, height: number, more = {}) => ({
    mode: "anime",
    submode,
    prompt: "A fox",
    settings: { width, height, ...more },
  });
  const Figures = z.looseObject({ ok: z.boolean(), frames: z.int().nullable(), size: z.unknown() });
  const ask = (body: unknown) => rig.person.json(Figures, "POST", "/jobs/preview", body);
  const still = await ask(wish("still", 512, 768));
  assertEquals([still.ok, still.size], [true, { width: 512, height: 768 }]);
  const loop = await ask(wish("loop", 512, 512));
  assertEquals([loop.ok, loop.frames, loop.size], [true, 16, { width: 512, height: 512 }]);
  const refused = await refusal(rig.person, { ...T2V, settings: { preset: "quality" } });
  assert(refused.title.includes("24 GB") && refused.title.includes("8 GB"), refused.title);
});
