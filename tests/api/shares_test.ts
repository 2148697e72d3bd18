/** Links that show one result: made by the owner, open to whoever has them, and closed in time. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, makeJob, Person, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

const Share = z.strictObject({
  id: z.string(),
  jobId: z.string(),
  state: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
});
const Made = Share.extend({ url: z.string() });
const Shared = z.looseObject({ title: z.string(), fileUrl: z.string(), posterUrl: z.string().nullable() });
const List = z.object({ items: z.array(Share) });
const DAY_MS = 86_400_000;

async function makeFilm(studio: FakeStudio, person: Person): Promise<string> {
  const id = await makeJob(person, { title: "Harbour", prompt: "A secret prompt" });
  changeJob(studio.kept, id, { status: "completed" });
  studio.kept.files.set("film.mp4", new Uint8Array(1000));
  studio.kept.files.set("poster.webp", new Uint8Array(10));
  const metadata = { durationS: 4.5, width: 640, height: 480, prompt: "A secret prompt" };
  const output = { id: "o1", type: "video", file: "film.mp4", poster: "poster.webp", metadata, createdAt: 0 };
  studio.kept.outputs.set(id, [output]);
  return id;
}

async function makeLink(person: Person, film: string, days = 7) {
  const made = await person.json(Made, 201, person.post(`/jobs/${film}/shares`, { days }));
  return { ...made, path: `/shared/${made.url.split("/s/")[1]}` };
}

Deno.test("whoever has a link sees the film and its facts, and nothing else of the person", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const link = await makeLink(person, film);
  assertMatch(link.url, /^http:\/\/studio\.test\/s\/\S{20,}$/);
  const stranger = new Person(studio);
  const answer = await stranger.get(link.path);
  assertEquals([answer.headers.get("x-robots-tag"), answer.headers.get("cache-control")], [
    "noindex",
    "no-store",
  ]);
  const shown = z.record(z.string(), z.unknown()).parse(await answer.json());
  const token = link.url.split("/s/")[1];
  assertEquals(shown, {
    title: "Harbour",
    draft: true,
    type: "video",
    mime: "video/mp4",
    seconds: 4.5,
    width: 640,
    height: 480,
    fileUrl: `/api/shared/${token}/file`,
    posterUrl: `/api/shared/${token}/poster`,
    expiresAt: "2026-11-28T12:00:00.000Z",
  });
});

Deno.test("the film behind a link plays in parts, is asked for every time and is not indexed [AX42]", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const { path } = await makeLink(person, await makeFilm(studio, person));
  const stranger = new Person(studio);
  const part = await stranger.get(`${path}/file`, { range: "bytes=100-199" });
  assertEquals([part.status, part.headers.get("content-range")], [206, "bytes 100-199/1000"]);
  assertEquals((await part.arrayBuffer()).byteLength, 100);
  assertEquals(part.headers.get("cache-control"), "private, max-age=0, must-revalidate");
  assertEquals([part.headers.get("x-robots-tag"), part.headers.get("referrer-policy")], [
    "noindex",
    "no-referrer",
  ]);
  const whole = await stranger.send("HEAD", `${path}/file`);
  assertEquals([whole.status, whole.headers.get("content-length")], [200, "1000"]);
  const poster = await stranger.get(`${path}/poster`);
  assertEquals([poster.status, poster.headers.get("content-type")], [200, "image/webp"]);
  await poster.body?.cancel();
});

Deno.test("the token is stored as a hash and told once", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const { url, id } = await makeLink(person, film, 1);
  const token = url.split("/s/")[1] ?? "";
  assert(!JSON.stringify([...studio.kept.shares]).includes(token));
  assertEquals([...studio.kept.shares.keys()], [studio.hashToken(token)]);
  const { items } = await person.json(List, 200, person.get(`/jobs/${film}/shares`));
  assertEquals(items.map((share) => [share.id, share.state]), [[id, "open"]]);
});

Deno.test("a link ends when it runs out, is taken back, or its film goes to the trash, and says which", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const [day, month] = [await makeLink(person, film, 1), await makeLink(person, film, 30)];
  const stranger = new Person(studio);
  studio.clock.advance(DAY_MS);
  for (const path of ["", "/file", "/poster"]) {
    await expectProblem(stranger.get(day.path + path), 410, "share.expired");
  }
  changeJob(studio.kept, film, { trashedAt: 1 });
  await expectProblem(stranger.get(month.path), 410, "share.revoked");
  changeJob(studio.kept, film, { trashedAt: null });
  await stranger.json(Shared, 200, stranger.get(month.path));
  assertEquals((await person.send("DELETE", `/shares/${month.id}`)).status, 204);
  for (const path of ["", "/file", "/poster"]) {
    await expectProblem(stranger.get(month.path + path), 410, "share.revoked");
  }
  await expectProblem(stranger.get("/shared/guess"), 404, "request.not_found");
  const { items } = await person.json(List, 200, person.get(`/jobs/${film}/shares`));
  assertEquals(items.map(({ state }) => state), ["revoked", "expired"]);
});

Deno.test("only the owner makes, sees and takes back links [XC11]", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const link = await makeLink(person, film);
  const other = await signUpCreator(studio, "other@example.org");
  await expectProblem(other.post(`/jobs/${film}/shares`, { days: 1 }), 404, "request.not_found");
  await expectProblem(other.get(`/jobs/${film}/shares`), 404, "request.not_found");
  await expectProblem(other.send("DELETE", `/shares/${link.id}`), 404, "request.not_found");
  other.cookie = "";
  await expectProblem(other.get(`/jobs/${film}/shares`), 401, "auth.required");
  await expectProblem(other.send("DELETE", `/shares/${link.id}`), 401, "auth.required");
  await other.json(Shared, 200, other.get(link.path));
});

Deno.test("a link lasts 1, 7 or 30 days, and shows only a film that is there", async () => {
  const studio = makeStudio({ publicUrl: "https://films.example/studio/" });
  const person = await signUpCreator(studio);
  const film = await makeFilm(studio, person);
  const refused = person.post(`/jobs/${film}/shares`, { days: 365 });
  assertEquals(await expectProblem(refused, 422, "request.invalid"), ["days"]);
  assertMatch((await makeLink(person, film)).url, /^https:\/\/films\.example\/studio\/s\//);
  const unfinished = await makeJob(person);
  await expectProblem(person.post(`/jobs/${unfinished}/shares`, { days: 1 }), 409, "job.no_result");
  changeJob(studio.kept, film, { trashedAt: 1 });
  await expectProblem(person.post(`/jobs/${film}/shares`, { days: 1 }), 409, "job.no_result");
});
