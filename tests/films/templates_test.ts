/** Templates of one's own in the real house: taken up while it runs, each version for the jobs that were made with it. */
import { z } from "zod";
import { keyOf, readShelf, signatureOf, writeTemplate } from "@/adapters/workflows/own.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { bring } from "@/core/workflow/import/mod.ts";
import { openOwnTemplates, openStock, readRecorded, SHIPPED } from "@/studio/templates.ts";
import { ownFolder } from "@/studio/places.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { configFor, openRig, silent } from "@/tests/rig/rig.ts";
import { readShelf as readTested, readTemplate } from "@/tests/workflows/shelf.ts";

const STILL = new URL("../fixtures/graphs/e2_sdxl_illustrious_ipadapter_controlnet.json", import.meta.url);
const Proposal = z.looseObject({ version: z.string(), whole: z.boolean() });
const Detail = z.looseObject({
  rev: z.int(),
  newerTemplate: z.string().nullable(),
  template: z.object({ name: z.string(), version: z.string() }),
});
const Modes = z.looseObject({
  items: z.array(z.looseObject({ mode: z.string(), submode: z.string().nullable(), title: z.string() })),
});

Deno.test("a job keeps the version it was made with, retakes too, and says when there is a newer one; new jobs take that", async () => {
  await using rig = await openRig();
  const { person, house } = rig;
  const text = await Deno.readTextFile(STILL);
  const take = (text: string) =>
    person.json(Proposal, "POST", "/admin/templates", { text, name: "custom/portrait", title: "Portrait" });
  assertEquals((await take(text)).version, "1.0.0");
  const modes = (await person.json(Modes, "GET", "/modes")).items;
  assertEquals(modes.filter(({ mode }) => mode === "custom").map(({ submode, title }) => [submode, title]), [[
    "portrait",
    "Portrait",
  ]]);

  const cast = await person.bringCast();
  const ask = () =>
    person.create({
      mode: "custom",
      submode: "portrait",
      prompt: "A keeper of a lighthouse",
      assets: { image: cast.character, poseSheet: cast.character },
      settings: { width: 256, height: 256, seed: "7" },
    });
  const first = await ask();
  assertEquals((await person.waitForEnd(first.id)).status, "completed");
  const detail = (id: string) => person.json(Detail, "GET", `/jobs/${id}`);
  assertEquals((await detail(first.id)).newerTemplate, null);

  const changed = JSON.parse(text);
  changed.ks.inputs.steps = 6;
  assertEquals((await take(JSON.stringify(changed))).version, "1.1.0");
  assertEquals(
    await detail(first.id).then(({ newerTemplate, template }) => [newerTemplate, template.version]),
    ["1.1.0", "1.0.0"],
  );
  await person.command(first.id, "retake", { step: "shot", changes: { seed: "8" }, follow: "rerun" });
  const again = await person.waitFor(first.id, (job) => job.run > 1 && job.status === "completed");
  assertEquals(again.problem, null);
  const { rev } = await detail(first.id);
  assert(rev > 0);
  const plan = await house.store.plan(first.id, rev);
  const versions = plan?.steps.flatMap((step) => step.kind === "prompt" ? [step.template.version] : []);
  assertEquals(versions, ["1.0.0"]);
  const second = await ask();
  assertEquals(
    await detail(second.id).then(({ newerTemplate, template }) => [newerTemplate, template.version]),
    [null, "1.1.0"],
  );
  assertEquals((await person.waitForEnd(second.id)).status, "completed");
});

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "animatrix-own-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function portrait(version = "1.0.0") {
  const { template } = bring(
    { text: await Deno.readTextFile(STILL), id: "custom/portrait", bind: [] },
    await readTested(),
  );
  assert(template);
  return { ...template, manifest: { ...template.manifest, version } };
}

Deno.test("what another process writes into the folder is taken up by a look, and what is broken keeps nothing away", () =>
  inFolder(async (dir) => {
    const config = configFor(dir);
    const folder = ownFolder(config);
    const stock = await openStock(config, silent);
    const { templates } = stock;
    const shipped = templates.length;
    const own = () => templates.filter((template) => stock.own.has(keyOf(template))).map(keyOf);
    assertEquals([own(), await signatureOf(folder)], [[], ""]);
    await writeTemplate(folder, await portrait(), { classes: {}, id: "a" });
    await stock.look();
    assertEquals([own(), templates.length, templates === stock.templates], [
      ["custom/portrait@1.0.0"],
      shipped + 1,
      true,
    ]);
    await writeTemplate(folder, await portrait("1.1.0"), { classes: {}, id: "b" });
    await Deno.mkdir(`${folder}/custom/broken@1.0.0`);
    await Deno.writeTextFile(`${folder}/custom/broken@1.0.0/graph.json`, "{");
    await stock.look();
    assertEquals(own(), ["custom/portrait@1.0.0", "custom/portrait@1.1.0"]);
    assertEquals(stock.faults.map(({ detail }) => detail?.template), [
      "custom/broken@1.0.0",
      "custom/broken@1.0.0",
    ]);
    await Deno.remove(`${folder}/custom`, { recursive: true });
    await stock.look();
    assertEquals([own(), templates.length, stock.faults], [[], shipped, []]);
  }));

Deno.test("a version is never written over, half a folder is never seen, and a shipped version stays the shipped one", () =>
  inFolder(async (dir) => {
    const template = await portrait();
    await writeTemplate(dir, template, { classes: {}, id: "a" });
    const before = await Deno.readTextFile(`${dir}/custom/portrait@1.0.0/manifest.json`);
    const changed = { ...template, manifest: { ...template.manifest, title: "Another" } };
    await writeTemplate(dir, changed, { classes: {}, id: "b" }).then(
      () => assert(false, "written over"),
      () => {},
    );
    assertEquals(await Deno.readTextFile(`${dir}/custom/portrait@1.0.0/manifest.json`), before);
    assertEquals((await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name), ["custom"]);
    await Deno.mkdir(`${dir}/.making-c`);
    await Deno.writeTextFile(`${dir}/.making-c/graph.json`, "{}");
    const shipped = await readTemplate("wan/vace");
    await writeTemplate(dir, shipped, { classes: {}, id: "d" });
    const read = await readShelf({ shipped: SHIPPED, own: dir }, await readRecorded(), sha256);
    assertEquals([...read.own], ["custom/portrait@1.0.0"]);
    assertEquals(read.faults.map(({ operator }) => operator?.includes("is shipped already")), [true]);
  }));

Deno.test("a class that no record holds comes along with its template, and is known wherever that is read", () =>
  inFolder(async (dir) => {
    const graph = JSON.parse(await Deno.readTextFile(STILL));
    graph.mood = { class_type: "MoodText", inputs: { text: "calm" } };
    graph.pos.inputs.text = ["mood", 0];
    const classes = { MoodText: { input: { required: { text: ["STRING", {}] } }, output: ["STRING"] } };
    const { templates, definitions } = await readTested();
    const known = { templates, definitions: { ...definitions, ...classes } };
    const { template, faults } = bring({
      text: JSON.stringify(graph),
      id: "custom/mood",
      bind: ["mood=mood.text"],
    }, known);
    assert(template, JSON.stringify(faults));
    await writeTemplate(dir, template, { classes, id: "a" });
    const recorded = await readRecorded();
    const read = await readShelf({ shipped: SHIPPED, own: dir }, recorded, sha256);
    assertEquals([read.faults, [...read.own]], [[], ["custom/mood@1.0.0"]]);
    assert(Object.hasOwn(read.definitions, "MoodText") && !Object.hasOwn(recorded, "MoodText"));
  }));

Deno.test("a template takes along what another one brought first, and loads also when that is gone", () =>
  inFolder(async (dir) => {
    const config = configFor(dir);
    const folder = ownFolder(config);
    const mood = (words: string) => {
      const graph = JSON.parse(text);
      graph.mood = { class_type: "MoodText", inputs: { text: words } };
      graph.pos.inputs.text = ["mood", 0];
      return JSON.stringify(graph);
    };
    const text = await Deno.readTextFile(STILL);
    const MoodText = { input: { required: { text: ["STRING", {}] } }, output: ["STRING"] };
    const { templates, definitions } = await readTested();
    const known = { templates, definitions: { ...definitions, MoodText } };
    const { template } = bring({ text: mood("calm"), id: "custom/calm", bind: ["mood=mood.text"] }, known);
    assert(template);
    await writeTemplate(folder, template, { classes: { MoodText }, id: "a" });
    const stock = await openStock(config, silent);
    const own = openOwnTemplates({
      stock,
      folder,
      ids: systemIds(),
      backends: () => Promise.resolve([]),
      comfyFor: () => {
        throw new Error("no server is asked for what a template brought");
      },
    });
    const merry = { text: mood("merry"), id: "custom/merry", bind: ["mood=mood.text"] };
    const answer = await own.accept(merry, AbortSignal.timeout(5000), () => Promise.resolve());
    assertEquals([answer.written, stock.faults], [true, []]);
    await Deno.remove(`${folder}/custom/calm@1.0.0`, { recursive: true });
    await stock.look();
    assertEquals([[...stock.own], stock.faults], [["custom/merry@1.0.0"], []]);
  }));
