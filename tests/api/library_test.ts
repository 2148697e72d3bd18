/** The library over HTTP: looking through films and files, and what is done to many of them at once. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { animateBody, expectProblem, makeJob, type Person, signUpCreator, upload } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Film = z.looseObject({ id: z.string(), mark: z.string().nullable(), projectId: z.string().nullable() });
const Thing = z.discriminatedUnion("type", [
  z.object({ type: z.literal("film"), film: Film }),
  z.object({ type: z.literal("file"), file: Film }),
]);
const Page = z.object({ items: z.array(Thing), next: z.string().nullable() });
const Outcome = z.object({
  done: z.array(z.string()),
  kept: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
});

async function idsOf(person: Person, query = ""): Promise<string[]> {
  const { items } = await person.json(Page, 200, person.get(`/library${query}`));
  return items.map((item) => item.type === "film" ? item.film.id : item.file.id);
}

const mark = (person: Person, body: Record<string, unknown>) =>
  person.json(Outcome, 200, person.post("/library/mark", body));

/** A job that ended with a film of these bytes. */
async function makeFilm(
  studio: FakeStudio,
  person: Person,
  change: Record<string, unknown> = {},
  bytes = 10,
) {
  const id = await makeJob(person, change);
  changeJob(studio.kept, id, { status: "completed" });
  const file = `${id}.mp4`;
  studio.kept.files.set(file, new Uint8Array(bytes).fill(bytes % 256));
  const output = {
    id: `o-${id}`,
    type: "video",
    file,
    poster: null,
    metadata: {},
    createdAt: studio.clock.now(),
  };
  studio.kept.outputs.set(id, [output]);
  return id;
}

Deno.test("films and files are listed apart, filtered, and page by a cursor [YM64]", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const harbour = await makeFilm(studio, person, { title: "Harbour" });
  studio.clock.advance(1000);
  const pier = await makeFilm(studio, person, { title: "Pier" });
  const live = await makeJob(person);
  assertEquals(await idsOf(person), [pier, harbour]);
  assertEquals(await idsOf(person, "?state=live"), [live]);
  assertEquals(await idsOf(person, "?search=pier"), [pier]);
  assertEquals(await idsOf(person, "?mode=audio"), []);
  assertEquals(await idsOf(person, "?engine=draft"), [pier, harbour]);
  assertEquals(await idsOf(person, "?until=2026-11-21T12:00:01Z"), [harbour]);
  assertEquals(await idsOf(person, "?from=2026-11-21T13:00:01%2B01:00"), [pier]);
  const first = await person.json(Page, 200, person.get("/library?limit=1"));
  assertEquals([first.items.length, await idsOf(person, `?limit=1&cursor=${first.next}`)], [1, [harbour]]);
  const files = await idsOf(person, "?show=files&kind=video");
  assertEquals(files.length, 3);
  assertEquals(await idsOf(person, "?show=files&search=nothing"), []);
});

Deno.test("queries of the library are strict, field by field [XC4]", async () => {
  const person = await signUpCreator(makeStudio());
  const cases = [
    ["show", "all"],
    ["mark", "loved"],
    ["project", "mine"],
    ["from", "yesterday"],
    ["state", "new"],
    [
      "kind",
      "latent",
    ],
    ["engine", "paper"],
    ["nonsense", "1"],
  ];
  for (const [name, value] of cases) {
    assertEquals(await expectProblem(person.get(`/library?${name}=${value}`), 422, "request.invalid"), [
      name,
    ]);
  }
});

Deno.test("stars and rejections are set and taken away in bulk; the rejected are out of sight", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const [one, two] = [await makeFilm(studio, person), await makeFilm(studio, person)];
  const file = await upload(person, "png", { mark: 9 });
  assertEquals(await mark(person, { action: "star", films: [one], files: [file] }), {
    done: [one, file],
    kept: [],
  });
  assertEquals(await idsOf(person, "?mark=starred"), [one]);
  assertEquals(await idsOf(person, "?show=files&mark=starred"), [file]);
  await mark(person, { action: "reject", films: [one, one] });
  assertEquals([await idsOf(person), await idsOf(person, "?mark=rejected")], [[two], [one]]);
  assertEquals((await idsOf(person, "?mark=any")).length, 2);
  await mark(person, { action: "clear", films: [one] });
  assertEquals((await idsOf(person)).length, 2);
});

Deno.test("things go to the trash, come back, and are deleted for good; each that is kept says why", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const live = await makeJob(person);
  const used = studio.kept.jobs.get(live)?.assets[0]?.assetId ?? "";
  const result = await mark(person, { action: "trash", films: [film, live], files: [used] });
  assertEquals(result.done, [film, live]);
  assertEquals(result.kept, [{
    id: used,
    code: "asset.in_use",
    message: "A running job still uses this file. Cancel the job first, or wait until it is done.",
  }]);
  assert(
    studio.kept.mail.some((mail) => mail.to === live && mail.kind === "cancel"),
    "a live film is cancelled",
  );
  assertEquals(new Set(await idsOf(person, "?show=trash")), new Set([film, live]));
  assertEquals((await mark(person, { action: "star", films: [film] })).kept[0]?.code, "request.not_found");
  assertEquals((await mark(person, { action: "restore", films: [film] })).done, [film]);
  assertEquals((await mark(person, { action: "purge", films: [film, live] })).done, [live]);
  assertEquals(await idsOf(person), [film]);
  await mark(person, { action: "trash", films: [film] });
  assertEquals((await person.json(Outcome, 200, person.post("/library/empty"))).done, [film]);
  assertEquals([...studio.kept.jobs.keys()], []);
});

Deno.test("nobody reaches what belongs to another [XC11]", async () => {
  const studio = makeStudio();
  const owner = await signUpCreator(studio);
  const film = await makeFilm(studio, owner);
  const file = await upload(owner, "png");
  const other = await signUpCreator(studio, "other@example.org");
  const things = { films: [film], files: [file] };
  for (const action of ["star", "reject", "clear", "trash", "restore", "purge"]) {
    const { done, kept } = await mark(other, { action, ...things });
    assertEquals(
      [done, kept.map(({ code }) => code)],
      [[], ["request.not_found", "request.not_found"]],
      action,
    );
  }
  const moved = await other.json(Outcome, 200, other.post("/library/move", { projectId: null, ...things }));
  assertEquals(moved.done, []);
  assertEquals([await idsOf(other), await idsOf(other, "?show=trash")], [[], []]);
  await expectProblem(other.get(`/library/zip?films=${film}&files=${file}`), 422, "library.nothing");
  const stranger = await signUpCreator(studio, "third@example.org");
  stranger.cookie = "";
  await expectProblem(stranger.get("/library"), 401, "auth.required");
  await expectProblem(stranger.post("/library/mark", { nonsense: 1 }), 401, "auth.required");
});

Deno.test("a selection has between one and two hundred things, all by id", async () => {
  const person = await signUpCreator(makeStudio());
  const id = "019a0000-0000-7000-8000-00000000ffff";
  const many = Array.from(
    { length: 150 },
    (_, n) => `019a0000-0000-7000-8000-${String(n).padStart(12, "0")}`,
  );
  const refuse = (body: unknown) => expectProblem(person.post("/library/mark", body), 422, "request.invalid");
  assertEquals(await refuse({ action: "star" }), ["films"]);
  assertEquals(await refuse({ action: "star", films: many, files: many }), ["films"]);
  assertEquals(await refuse({ action: "star", films: ["x"] }), ["films.0"]);
  assertEquals(await refuse({ action: "love", films: [id] }), ["action"]);
  assertEquals(await expectProblem(person.get(`/library/zip?films=x`), 422, "request.invalid"), ["films"]);
});

Deno.test("new films and files are put into a project that is named, and lists of jobs and files narrow by it", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const project =
    (await person.json(z.looseObject({ id: z.string() }), 201, person.post("/projects", { name: "Harbour" })))
      .id;
  const film = await makeJob(person, { projectId: project });
  await makeJob(person);
  const file = await person.json(Film, 201, person.post("/assets", { name: "a.png", projectId: project }));
  const List = z.object({ items: z.array(Film) });
  const jobs = await person.json(List, 200, person.get(`/jobs?project=${project}`));
  assertEquals(jobs.items.map(({ id, projectId }) => [id, projectId]), [[film, project]]);
  const assets = await person.json(List, 200, person.get(`/assets?project=${project}`));
  assertEquals(assets.items.map(({ id }) => id), [file.id]);
  const other = await signUpCreator(studio, "other@example.org");
  const foreign = { ...await animateBody(other), projectId: project };
  assertEquals(await expectProblem(other.post("/jobs", foreign), 422, "request.invalid"), ["projectId"]);
  const asked = other.post("/assets", { name: "a.png", projectId: project });
  assertEquals(await expectProblem(asked, 422, "request.invalid"), ["projectId"]);
  const move = other.post("/library/move", { projectId: project, files: [file.id] });
  assertEquals(await expectProblem(move, 422, "request.invalid"), ["projectId"]);
});

Deno.test("a selection downloads as one ZIP with telling names, its length known before", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const films = [
    await makeFilm(studio, person, { title: "Über den Hafen" }, 5000),
    await makeFilm(studio, person, { title: "Über den Hafen" }, 70_000),
  ];
  const empty = await makeJob(person);
  const file = await upload(person, "wav", { name: "voice" });
  const answer = await person.get(`/library/zip?films=${films.join(",")},${empty}&files=${file}`);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/zip"]);
  assertEquals(
    answer.headers.get("content-disposition"),
    `attachment; filename="Animatrix - 2026-11-21 - 3.zip"; filename*=UTF-8''Animatrix%20-%202026-11-21%20-%203.zip`,
  );
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assertEquals(answer.headers.get("content-length"), String(bytes.byteLength));
  assertEquals(listZip(bytes), [
    ["Über den Hafen - 2026-11-21 - draft.mp4", 5000],
    ["Über den Hafen - 2026-11-21 - draft (2).mp4", 70_000],
    ["voice.wav", 100],
  ]);
});

Deno.test("a ZIP that is broken off closes the file it was reading", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person, {}, 9_000_000);
  let closed = false;
  let sent = 0;
  studio.files.read = () =>
    Promise.resolve(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536));
        },
        cancel: () => void (closed = true),
      }),
    );
  const answer = await person.get(`/library/zip?films=${film}`);
  const reader = answer.body?.getReader();
  for (let n = 0; n < 4; n++) await reader?.read();
  await reader?.cancel();
  assert(closed, "the file stays open");
  assert(sent < 3_000_000, `${sent} bytes were read ahead`);
});

/** Names and sizes as the directory at the end of a ZIP tells them; every entry is stored as it is. */
function listZip(bytes: Uint8Array): [string, number][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = bytes.byteLength - 22;
  assertEquals(view.getUint32(end, true), 0x06054b50);
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: view.getUint16(end + 10, true) }, () => {
    assertEquals([view.getUint32(at, true), view.getUint16(at + 10, true)], [0x02014b50, 0]);
    const length = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.slice(at + 46, at + 46 + length));
    const size = view.getUint32(at + 24, true);
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    return [name, size];
  });
}
