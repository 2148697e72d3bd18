/** Taking everything along: the document and the ZIP hold all that is one's own, and nothing of others. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, makeJob, Person, signUpCreator, upload } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { limitsOf } from "./fake_quotas.ts";
import { makeStudio } from "./fake_studio.ts";
import { readZip } from "./unzip.ts";

const Document = z.object({
  account: z.looseObject({ email: z.string() }),
  defaults: z.looseObject({}),
  sessions: z.array(z.looseObject({})),
  apiTokens: z.array(z.looseObject({})),
  webhooks: z.array(z.looseObject({})),
  presets: z.array(z.looseObject({ name: z.string() })),
  projects: z.array(z.looseObject({ name: z.string() })),
  films: z.array(
    z.looseObject({
      id: z.string(),
      prompt: z.string(),
      settings: z.looseObject({ seed: z.string() }),
      outputs: z.array(z.looseObject({ path: z.string() })),
    }),
  ),
  files: z.array(z.looseObject({ name: z.string(), path: z.string() })),
});

/** A person with a finished film, one in the trash, and a file that was never uploaded; and somebody else with a film. */
async function openFull() {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const other = await signUpCreator(studio, "other@example.org");
  await makeJob(other, { prompt: "Nobody's business" });
  const finish = (id: string, file: string) => {
    studio.kept.files.set(file, new TextEncoder().encode(`film of ${id}`));
    studio.kept.outputs.set(id, [{
      id: id.replace("019a", "019b"),
      type: "video",
      file,
      poster: null,
      metadata: {},
      createdAt: studio.clock.now(),
    }]);
    changeJob(studio.kept, id, { status: "completed" });
  };
  const [kept, trashed] = [await makeJob(person, { title: "Harbour" }), await makeJob(person)];
  finish(kept, "one.mp4");
  finish(trashed, "two.mp4");
  changeJob(studio.kept, trashed, { trashedAt: studio.clock.now() });
  await (await person.post("/assets", { name: "never.png" })).body?.cancel();
  await (await person.post("/projects", { name: "Evenings" })).body?.cancel();
  await (await person.post("/presets", { name: "Quick", mode: "audio" })).body?.cancel();
  return { studio, person, kept, trashed };
}

Deno.test("[XC11] the document holds every film with its prompt and settings, also from the trash, and nothing of others", async () => {
  const { person, kept, trashed } = await openFull();
  const answer = await person.get("/account/export");
  assertMatch(answer.headers.get("content-disposition") ?? "", /attachment; filename="Animatrix - 2026/);
  const text = await answer.text();
  const document = Document.parse(JSON.parse(text));
  assertEquals(document.account.email, "mika@example.org");
  assertEquals(document.films.map(({ id }) => id).sort(), [kept, trashed].sort());
  assertEquals(document.presets.map(({ name }) => name), ["Quick"]);
  assertEquals(document.projects.map(({ name }) => name), ["Evenings"]);
  assert(document.films.every(({ prompt }) => prompt === "Mika walks along the harbour"));
  assertEquals(document.files.length, 4);
  assert(!/Nobody's business|other@example|passwordHash|tokenHash|\$scrypt/.test(text));
  await expectProblem(new Person(person.studio).get("/account/export"), 401, "auth.required");
});

Deno.test("the ZIP holds the document and, under the paths that it names, every film and file", async () => {
  const { person, studio } = await openFull();
  const bytes = new Uint8Array(await (await person.get("/account/export.zip")).arrayBuffer());
  const entries = readZip(bytes);
  const document = Document.parse(JSON.parse(new TextDecoder().decode(entries.get("account.json"))));
  const named = [
    ...document.films.flatMap(({ outputs }) => outputs.map(({ path }) => path)),
    ...document.files.map(({ path }) => path),
  ];
  assertEquals([...entries.keys()].sort(), ["account.json", ...named].sort());
  assertEquals(new Set(named).size, named.length);
  assert(
    named.some((path) => /^films\/Harbour - 2026-11-21 - \w{8} - draft\.mp4$/.test(path)),
    String(named),
  );
  const [film] = named.filter((path) => path.startsWith("films/Harbour"));
  assertMatch(new TextDecoder().decode(entries.get(film ?? "")), /^film of 019a/);
  // What storage has lost does not spoil the rest.
  studio.kept.files.delete("one.mp4");
  const rest = readZip(new Uint8Array(await (await person.get("/account/export.zip")).arrayBuffer()));
  assertEquals(rest.size, entries.size - 1);
  await expectProblem(new Person(person.studio).get("/account/export.zip"), 401, "auth.required");
});

Deno.test("a long past is exported as a whole", async () => {
  const studio = makeStudio({ limits: limitsOf(1000) });
  const person = await signUpCreator(studio);
  const assets = { groundTruth: await upload(person, "png"), motionVideo: await upload(person, "mp4") };
  const body = { mode: "animate", submode: "move", prompt: "p", assets, count: 16 };
  for (let n = 0; n < 16; n++) await (await person.post("/jobs", body)).body?.cancel();
  const document = Document.parse(await (await person.get("/account/export")).json());
  assertEquals(new Set(document.films.map(({ id }) => id)).size, 256);
});
