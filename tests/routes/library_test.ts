/** The library, projects and links as pages: read and used without any script. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { makeJob, Person, signUpCreator, upload } from "@/tests/api/client.ts";
import { changeJob } from "@/tests/api/fake_jobs.ts";
import { type FakeStudio, makeStudio } from "@/tests/api/fake_studio.ts";
import { type Seen, Visitor } from "./app.ts";

interface Scene {
  studio: FakeStudio;
  person: Person;
  visitor: Visitor;
}

async function openScene(email = "mika@example.org", studio = makeStudio()): Promise<Scene> {
  const person = await signUpCreator(studio, email);
  const visitor = new Visitor(studio);
  visitor.cookie = person.cookie;
  return { studio, person, visitor };
}

async function makeFilm({ studio, person }: Scene, title: string): Promise<string> {
  const id = await makeJob(person, { title, prompt: "A film" });
  changeJob(studio.kept, id, { status: "completed" });
  studio.kept.files.set(`${id}.mp4`, new Uint8Array(100));
  const metadata = { durationS: 12, width: 640, height: 480 };
  const output = { id: `o-${id}`, type: "video", file: `${id}.mp4`, poster: null, metadata, createdAt: 0 };
  studio.kept.outputs.set(id, [output]);
  return id;
}

/** No script, no inline style, and a title of its own. */
function assertPlain({ html }: Seen): void {
  assert(!/<script|style=|<style| on\w+=/.test(html), html);
  assertMatch(html, /<title>[^<]+ · Animatrix<\/title>/);
}

const valuesOf = (html: string, pattern: RegExp) => [...html.matchAll(pattern)].map((match) => match[1]);
const itemsIn = ({ html }: Seen) => valuesOf(html, /name="item" value="([^"]+)"/g);
const newsIn = ({ html }: Seen) => valuesOf(html, /<p class="note \w+"[^>]*><span>([^<]*)/g);

Deno.test("an empty library says where films come from, for films, files and trash", async () => {
  const { visitor } = await openScene();
  for (
    const [show, words] of [["films", "No films yet"], ["files", "No files yet"], [
      "trash",
      "The trash is empty",
    ]]
  ) {
    const seen = await visitor.open(`/library?show=${show}`);
    assertEquals(seen.status, 200);
    assertPlain(seen);
    assert(seen.html.includes(words ?? ""), seen.html);
  }
});

Deno.test("the library finds by words and filters, keeps them in the form, and says when nothing matches [YM64]", async () => {
  const scene = await openScene();
  const { visitor, studio } = scene;
  const harbour = await makeFilm(scene, "Harbour at dusk");
  studio.clock.advance(86_400_000);
  const pier = await makeFilm(scene, "Pier");
  assertEquals(itemsIn(await visitor.open("/library")), [`film:${pier}`, `film:${harbour}`]);
  const found = await visitor.open("/library?search=harbour&mode=animate&from=&until=");
  assertPlain(found);
  assertEquals(itemsIn(found), [`film:${harbour}`]);
  assertMatch(found.html, /name="search" value="harbour"/);
  assertMatch(found.html, /<option selected[^>]*value="animate"|<option value="animate" selected/);
  const day = "2026-11-21";
  assertEquals(itemsIn(await visitor.open(`/library?from=${day}&until=${day}`)), [`film:${harbour}`]);
  const none = await visitor.open("/library?search=zebra");
  assert(none.html.includes("Nothing matches"));
  assertMatch(none.html, /href="\?">Clear filters/);
});

Deno.test("what an address asks wrongly is said beside the field, and the rest stays", async () => {
  const { visitor } = await openScene();
  const seen = await visitor.open("/library?from=tomorrow&search=fog");
  assertMatch(seen.html, /id="from"[^>]*aria-invalid/);
  assertMatch(seen.html, /<p class="wrong">Must be a day that exists/);
  assertMatch(seen.html, /name="search" value="fog"/);
  const lost = await visitor.open("/library?project=mine");
  assertEquals(newsIn(lost), ["Project: Must be the id of a project, or none."]);
});

Deno.test("ticked things are starred, rejected, moved and thrown away with one form, and the page says what was done", async () => {
  const scene = await openScene();
  const { visitor, studio, person } = scene;
  const film = await makeFilm(scene, "Harbour");
  const starred = await visitor.post("/library?search=harb", { do: "star", item: `film:${film}` });
  assertEquals([starred.status, starred.to], [303, "/library?search=harb&done=star&n=1"]);
  assertEquals(newsIn(await visitor.open(starred.to ?? "")), ["1 thing starred."]);
  assertEquals(studio.kept.jobs.get(film)?.mark, "starred");
  const page = await visitor.open("/library");
  assertMatch(
    page.html,
    new RegExp(`value="clear film:${film}"[^>]*aria-label="Take the star from Harbour"`),
  );
  await visitor.post("/library", { do: `clear film:${film}` });
  assertEquals(studio.kept.jobs.get(film)?.mark, null);
  const live = await makeJob(person);
  const used = studio.kept.jobs.get(live)?.assets[0]?.assetId ?? "";
  const thrown = await visitor.post("/library?show=files", { do: "trash", item: `file:${used}` });
  assertEquals(newsIn(await visitor.open(thrown.to ?? "")), [
    "1 thing stayed as it was: A running job still uses this file. Cancel the job first, or wait until it is done.",
  ]);
  const nothing = await visitor.post("/library", { do: "star" });
  assertEquals([nothing.status, newsIn(nothing)], [422, [
    "Select something first: tick the box on its picture.",
  ]]);
  const odd = await visitor.post("/library", { do: "love", item: `film:${film}` });
  assertEquals(odd.status, 422);
});

Deno.test("things in the trash say when they go, come back, and are deleted only after a question", async () => {
  const scene = await openScene();
  const { visitor, studio } = scene;
  const [one, two] = [await makeFilm(scene, "Harbour"), await makeFilm(scene, "Pier")];
  await visitor.post("/library", { do: `trash film:${one}` });
  await visitor.post("/library", { do: `trash film:${two}` });
  studio.clock.advance(10 * 86_400_000);
  const trash = await visitor.open("/library?show=trash&all=1");
  assertPlain(trash);
  assertEquals(new Set(itemsIn(trash)), new Set([`film:${one}`, `film:${two}`]));
  assertMatch(trash.html, /Goes for good in 20 days/);
  assertEquals(trash.html.match(/ checked/g)?.length, 2);
  const asked = await visitor.post("/library?show=trash", { do: "purge", item: `film:${one}` });
  assertEquals(asked.status, 200);
  assertMatch(asked.html, /Delete 1 thing for good\?/);
  assert(studio.kept.jobs.has(one));
  const sure = { do: "purge", item: `film:${one}`, sure: "yes" };
  assertEquals((await visitor.post("/library?show=trash", sure)).to, "/library?show=trash&done=purge&n=1");
  assert(!studio.kept.jobs.has(one));
  await visitor.post("/library?show=trash", { do: "restore", item: `film:${two}` });
  assertEquals(itemsIn(await visitor.open("/library")), [`film:${two}`]);
  await visitor.post("/library", { do: `trash film:${two}` });
  assertMatch(
    (await visitor.post("/library?show=trash", { do: "empty" })).html,
    /Delete everything in the trash/,
  );
  await visitor.post("/library?show=trash", { do: "empty", sure: "yes" });
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("a selection is downloaded as a ZIP, or the page says that there is nothing to download", async () => {
  const scene = await openScene();
  const film = await makeFilm(scene, "Harbour");
  const unmade = await makeJob(scene.person);
  const sent = await scene.visitor.post("/library", { do: "zip", item: `film:${film}` });
  assertEquals([sent.status, sent.to], [303, `/api/library/zip?films=${film}&files=`]);
  const refused = await scene.visitor.post("/library?state=any", { do: "zip", item: `film:${unmade}` });
  assertEquals([refused.status, newsIn(refused)], [422, [
    "Nothing of what you selected has a file to download.",
  ]]);
});

Deno.test("a file has a page with its facts; the trash can still show it", async () => {
  const scene = await openScene();
  const { visitor, person } = scene;
  const id = await upload(person, "mp4", { name: "walk.mp4" });
  const seen = await visitor.open(`/library/${id}`);
  assertPlain(seen);
  assertMatch(seen.html, /<video[^>]*src="\/api\/assets\/[^"]+\/file"/);
  assertMatch(seen.html, /64 × 48/);
  const gone = await visitor.post(`/library/${id}`, { do: `trash file:${id}` });
  assertEquals(gone.to, `/library/${id}?done=trash&n=1`);
  assertMatch((await visitor.open(`/library/${id}`)).html, /This file is in the trash/);
  assertEquals((await visitor.open("/library/019a0000-0000-7000-8000-00000000ffff")).status, 404);
});

Deno.test("a project is made, filled, edited and deleted by forms; what lay in it stays", async () => {
  const scene = await openScene();
  const { visitor, studio } = scene;
  const film = await makeFilm(scene, "Harbour");
  const refused = await visitor.post("/projects", { name: "  ", description: "Five shots" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /<p class="wrong" id="name-wrong">Give the project a name\./);
  assertMatch(refused.html, />Five shots<\/textarea>/);
  const made = await visitor.post("/projects", { name: "Dusk & dawn", description: "" });
  const [, id = ""] = /^\/projects\/([^?]+)\?made=1$/.exec(made.to ?? "") ?? [];
  const page = await visitor.open(made.to ?? "");
  assertPlain(page);
  assertMatch(page.html, /<h1>Dusk &amp; dawn<\/h1>/);
  assertMatch(page.html, new RegExp(`href="/dashboard\\?project=${id}"`));
  await visitor.post("/library", { do: "move", item: `film:${film}`, to: id });
  assertEquals(itemsIn(await visitor.open(`/projects/${id}`)), [`film:${film}`]);
  assertEquals(itemsIn(await visitor.open("/library?project=none")), []);
  assertMatch((await visitor.open("/projects")).html, /1 film · 0 files/);
  const saved = await visitor.post(`/projects/${id}`, { do: "save", name: "Night", description: "" });
  assertEquals(saved.to, `/projects/${id}?saved=1`);
  await visitor.post(`/projects/${id}`, { do: "move", item: `film:${film}`, to: "" });
  assertEquals(studio.kept.jobs.get(film)?.projectId, null);
  await visitor.post("/library", { do: "move", item: `film:${film}`, to: id });
  assertMatch(
    (await visitor.post(`/projects/${id}`, { do: "remove" })).html,
    /stays in your library: 1 film\./,
  );
  assertEquals(
    (await visitor.post(`/projects/${id}`, { do: "remove", sure: "yes" })).to,
    "/projects?removed=1",
  );
  assertEquals([studio.kept.projects.size, studio.kept.jobs.get(film)?.projectId], [0, null]);
});

Deno.test("a link is made, told once, listed and taken back by forms", async () => {
  const scene = await openScene();
  const film = await makeFilm(scene, "Harbour");
  const path = `/jobs/${film}/share`;
  assertMatch((await scene.visitor.open(path)).html, /There is no link to this film yet/);
  const made = await scene.visitor.post(path, { days: "7" });
  assertPlain(made);
  const [url = ""] = valuesOf(made.html, /<code>([^<]+)<\/code>/g);
  assertMatch(url, /^http:\/\/studio\.test\/s\//);
  const listed = await scene.visitor.open(path);
  assert(!listed.html.includes(url.split("/s/")[1] ?? url), "the address is told once");
  const [id = ""] = valuesOf(listed.html, /name="revoke" value="([^"]+)"/g);
  const stranger = new Visitor(scene.studio);
  const shown = await stranger.open(new URL(url).pathname);
  assertEquals(shown.status, 200);
  assertPlain(shown);
  assertMatch(shown.html, /<video[^>]*controls/);
  assertMatch(shown.html, /<meta name="robots" content="noindex"/);
  assertMatch(shown.html, /0:12 · 640 × 480/);
  assertMatch(shown.html, />Draft</);
  assert(!/mika@|secret|Mika walks|\/login/.test(shown.html), "nothing else of the person");
  assertEquals(
    ["x-robots-tag", "referrer-policy", "cache-control"].map((name) => shown.headers.get(name)),
    ["noindex", "no-referrer", "private, no-store"],
  );
  assertEquals((await scene.visitor.post(path, { revoke: id })).to, `${path}?taken=1`);
  const ended = await stranger.open(new URL(url).pathname);
  assertEquals(ended.status, 410);
  assertMatch(ended.html, /This link was taken back/);
  assertEquals((await stranger.open("/s/guess")).status, 404);
  const refused = await scene.visitor.post(`/jobs/${await makeJob(scene.person)}/share`, { days: "7" });
  assertEquals([refused.status, newsIn(refused)], [409, [
    "There is no film yet. Share it when it is finished.",
  ]]);
});

Deno.test("an expired link says so, and strangers are sent to sign in everywhere else", async () => {
  const scene = await openScene();
  const film = await makeFilm(scene, "Harbour");
  const made = await scene.visitor.post(`/jobs/${film}/share`, { days: "1" });
  const [url = ""] = valuesOf(made.html, /<code>([^<]+)<\/code>/g);
  scene.studio.clock.advance(86_400_000);
  const ended = await new Visitor(scene.studio).open(new URL(url).pathname);
  assertEquals(ended.status, 410);
  assertMatch(ended.html, /This link has run out/);
  for (
    const path of ["/library?show=files", "/library/x", "/projects", "/projects/x", `/jobs/${film}/share`]
  ) {
    const seen = await new Visitor(scene.studio).open(path);
    assertEquals([seen.status, seen.to], [303, `/login?next=${encodeURIComponent(path)}`]);
  }
});

Deno.test("nobody opens what belongs to another [XC11]", async () => {
  const owner = await openScene();
  const film = await makeFilm(owner, "Harbour");
  const file = await upload(owner.person, "png");
  await owner.visitor.post("/projects", { name: "Night" });
  const [project] = [...owner.studio.kept.projects.keys()];
  const { visitor } = await openScene("other@example.org", owner.studio);
  for (const path of [`/library/${file}`, `/projects/${project}`, `/jobs/${film}/share`]) {
    assertEquals((await visitor.open(path)).status, 404, path);
  }
  const acted = await visitor.post("/library", { do: `star film:${film}` });
  assertEquals(newsIn(await visitor.open(acted.to ?? "")), [
    "1 thing stayed as it was: This does not exist, or it is not yours.",
  ]);
  assertEquals(owner.studio.kept.jobs.get(film)?.mark, null);
});
