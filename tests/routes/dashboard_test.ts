/** The studio's page and the ways to a film that need no script. */
import { problem } from "@/core/problem.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { FILES, makeJob, PASSWORD, signUp } from "@/tests/api/client.ts";
import { changeJob } from "@/tests/api/fake_jobs.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { Visitor } from "./app.ts";

async function openMika() {
  const studio = makeStudio();
  const person = await signUp(studio, "mika@example.org");
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  const film = async (prompt: string, change = {}) => {
    studio.clock.advance(1000);
    const id = await makeJob(person, { prompt });
    changeJob(studio.kept, id, { status: "completed", endedAt: studio.clock.now(), ...change });
    return id;
  };
  const jobs = () => [...studio.kept.jobs.values()];
  return { studio, person, mika, film, jobs };
}

/** The form as a browser sends it, with what is changed. */
function formOf(change: Record<string, string | File | File[]> = {}): FormData {
  const form = new FormData();
  const nothing = new File([], "");
  const fields = {
    prompt: "Mika walks along the harbour",
    ticket: "a-ticket",
    groundTruth: nothing,
    motionVideo: nothing,
    audio: nothing,
    references: nothing,
    poseSheet: nothing,
    mode: "animate",
    submode: "move",
    "settings.seed": "",
    "settings.width": "",
    ...change,
  };
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) form.append(name, one);
  }
  return form;
}

const png = (name = "mika.png") => new File([FILES.png], name);
const mp4 = () => new File([FILES.mp4], "walk.mp4");
const wav = () => new File([FILES.wav], "song.wav");

const labels = (html: string) => [...html.matchAll(/<p class="cut">([^<]*)<\/p>/g)].map(([, text]) => text);

Deno.test("[AX32] the studio shows the composer, then the films: newest first, filtered, page by page", async () => {
  const { mika, film } = await openMika();
  for (let n = 1; n <= 25; n++) await film(`Film ${n}`, { mode: n % 5 === 0 ? "audio" : "animate" });
  const first = await mika.open("/dashboard");
  assertEquals(first.status, 200);
  assert(first.html.indexOf('class="composer"') < first.html.indexOf('id="films"'));
  assertEquals(labels(first.html).slice(0, 2), ["Film 25", "Film 24"]);
  assertEquals(labels(first.html).length, 24);
  const more =
    /<a class="btn" href="([^"]+)"[^>]*>Older films/.exec(first.html)?.[1]?.replaceAll("&amp;", "&") ??
      "";
  const second = await mika.open(more.split("#")[0] ?? "");
  assertEquals(labels(second.html), ["Film 1"]);
  assertMatch(second.html, /href="\/dashboard"[^>]*>Newest films/);
  const audio = await mika.open("/dashboard?mode=audio");
  assertEquals(labels(audio.html), ["Film 25", "Film 20", "Film 15", "Film 10", "Film 5"]);
  assertMatch(audio.html, /href="\/dashboard\?mode=audio" aria-current="page"/);
  const filters = /<nav class="filters".*?<\/nav>/.exec(first.html)?.[0] ?? "";
  assertEquals([...filters.matchAll(/>([^<]+)<\/a>/g)].map(([, text]) => text), ["All", "Animate", "Audio"]);
});

Deno.test("what is being made stands between the composer and the films", async () => {
  const { mika, film } = await openMika();
  await film("The lighthouse");
  await film("The tram", { status: "executing", endedAt: null });
  const { html } = await mika.open("/dashboard");
  assertMatch(html, /Rendering now.*The tram.*Films.*The lighthouse/s);
});

Deno.test("[AX6] strangers are sent to sign in and come back to the studio", async () => {
  const { studio } = await openMika();
  const stranger = new Visitor(studio);
  assertEquals((await stranger.open("/dashboard?mode=audio")).to, "/login?next=%2Fdashboard%3Fmode%3Daudio");
  assertEquals((await stranger.post("/jobs/new", formOf())).to, "/login?next=%2Fjobs%2Fnew");
});

Deno.test("[AX35] the form without a script has everything, with the drawer closed", async () => {
  const { mika } = await openMika();
  const { html } = await mika.open("/dashboard");
  assertMatch(
    html,
    /<form class="composer" method="post" action="\/jobs\/new" enctype="multipart\/form-data"/,
  );
  assertMatch(html, /<textarea[^>]* name="prompt"/);
  const plain = /<noscript>.*?<\/noscript>/s.exec(html)?.[0] ?? "";
  for (const name of ["groundTruth", "motionVideo", "audio", "references", "poseSheet"]) {
    assertMatch(plain, new RegExp(`type="file" name="${name}"`));
  }
  for (const name of ["width", "height", "seconds", "frameRate", "preset", "seed", "retries", "priority"]) {
    assertMatch(html, new RegExp(`name="settings\\.${name}"`));
  }
  assert(!/<details[^>]* open/.test(html));
  assert(!/ style=/.test(html));
});

Deno.test("[AX49] a form with files makes its film and leads to it, in one step", async () => {
  const { mika, jobs } = await openMika();
  const form = formOf({
    groundTruth: png(),
    motionVideo: mp4(),
    references: [png("side.png"), png("back.png")],
    submode: "mix",
    "settings.seed": "0",
    "settings.width": "832",
    negativePrompt: "blur",
  });
  const made = await mika.post("/jobs/new", form);
  const [job] = jobs();
  assertEquals([made.status, made.to], [303, `/jobs/${job?.id}`]);
  assertEquals([job?.mode, job?.submode, job?.prompt, job?.negativePrompt], [
    "animate",
    "mix",
    "Mika walks along the harbour",
    "blur",
  ]);
  assertEquals(job?.assets.map(({ role }) => role), [
    "groundTruth",
    "motionVideo",
    "references",
    "references",
  ]);
  assertEquals([job?.settings.settings], [{
    ...Object(job?.settings.settings),
    seed: "0",
    width: 832,
  }]);
});

Deno.test("[AX33] files of the other mode are not in the job, even when the form brings them", async () => {
  const { mika, jobs } = await openMika();
  const form = formOf({ groundTruth: png(), motionVideo: mp4(), audio: wav(), mode: "audio" });
  assertEquals((await mika.post("/jobs/new", form)).status, 303);
  assertEquals(jobs()[0]?.assets.map(({ role }) => role), ["groundTruth", "audio"]);
});

Deno.test("a form that is sent twice makes one film", async () => {
  const { mika, jobs } = await openMika();
  const form = () => formOf({ groundTruth: png(), motionVideo: mp4() });
  const [first, second] = [await mika.post("/jobs/new", form()), await mika.post("/jobs/new", form())];
  assertEquals([first.to, jobs().length], [second.to, 1]);
});

Deno.test("what is missing stands beside its field, what was entered and brought is kept", async () => {
  const { mika, jobs } = await openMika();
  const refused = await mika.post("/jobs/new", formOf({ groundTruth: png(), "settings.seed": "-4" }));
  assertEquals([refused.status, jobs().length], [422, 0]);
  assertMatch(refused.html, />Mika walks along the harbour<\/textarea>/);
  assertMatch(refused.html, /name="settings\.seed"[^>]*value="-4"|value="-4"[^>]*name="settings\.seed"/);
  assertMatch(refused.html, /Must be a whole number as text\./);
  assertMatch(refused.html, /mika\.png is here/);
  const kept = /name="kept\.groundTruth" value="([^"]+)"/.exec(refused.html)?.[1] ?? "";
  const again = formOf({ "kept.groundTruth": kept, motionVideo: mp4(), ticket: "another" });
  assertEquals((await mika.post("/jobs/new", again)).status, 303);
  assertEquals(jobs()[0]?.assets[0]?.assetId, kept);
});

Deno.test("a file that is refused says so beside its field, and no film is made", async () => {
  const { mika, jobs } = await openMika();
  const wrong = formOf({ groundTruth: new File(["no picture at all"], "mika.png"), motionVideo: mp4() });
  const refused = await mika.post("/jobs/new", wrong);
  assertEquals([refused.status, jobs().length], [415, 0]);
  assertMatch(refused.html, /mika\.png: Accepted are JPEG/);
  assertMatch(refused.html, /walk\.mp4 is here/);
});

Deno.test("several takes that are asked for without a script lead to their sheet", async () => {
  const { mika, jobs } = await openMika();
  const made = await mika.post(
    "/jobs/new",
    formOf({ groundTruth: png(), motionVideo: mp4(), "settings.count": "3" }),
  );
  assertEquals([made.status, made.to], [303, `/batches/${jobs()[0]?.batchId}`]);
  assertEquals(jobs().length, 3);
  const many = formOf({ groundTruth: png(), motionVideo: mp4(), "settings.count": "17", ticket: "another" });
  const refused = await mika.post("/jobs/new", many);
  assertEquals([refused.status, jobs().length], [422, 3]);
  assertMatch(refused.html, /name="settings\.count"[^>]*aria-invalid="true"/);
});

Deno.test("[LX19] without a script too, what would work in place of what no server can take is one press away", async () => {
  const { mika, jobs, studio } = await openMika();
  const message = "No render server has enough memory for this. The preset Fast would work.";
  const fields = [{ path: "settings.preset", message }];
  const refusal = problem("comfy.no_memory", { message, fields, detail: { preset: "fast" } });
  studio.kept.verdict = { problem: refusal, preset: "fast", note: null };
  const form = { groundTruth: png(), motionVideo: mp4(), "settings.preset": "quality" };
  const refused = await mika.post("/jobs/new", formOf(form));
  assertEquals([refused.status, jobs().length], [409, 0]);
  assertMatch(
    /<noscript>.*?<\/noscript>/s.exec(refused.html)?.[0] ?? "",
    /The preset Fast would work\..*<button type="submit"[^>]*name="instead" value="settings\.preset=fast"/,
  );
  studio.kept.verdict = { problem: null, preset: null, note: null };
  const pressed = await mika.post(
    "/jobs/new",
    formOf({ ...form, instead: "settings.preset=fast", ticket: "b" }),
  );
  assertEquals(pressed.status, 303);
  assertEquals(jobs()[0]?.settings.settings, { ...Object(jobs()[0]?.settings.settings), preset: "fast" });
});

Deno.test("words that hold braces are used again as they stand", async () => {
  const { mika, film } = await openMika();
  const { html } = await mika.open(`/dashboard?from=${await film("A \\{red\\|blue\\} wall, {one}")}`);
  assertMatch(html, />A \\\{red\\\|blue\\\} wall, \\\{one\\\}<\/textarea>/);
});

Deno.test("another site cannot send the form", async () => {
  const { mika, jobs, studio } = await openMika();
  mika.origin = "https://evil.example";
  const refused = await mika.post("/jobs/new", formOf({ groundTruth: png(), motionVideo: mp4() }));
  assertEquals([refused.status, jobs().length, studio.kept.assets.size], [403, 0, 0]);
});

Deno.test("a job's files and settings can be used again, and a job of others gives nothing", async () => {
  const { mika, film, studio } = await openMika();
  const id = await film("The old tram");
  const { html } = await mika.open(`/dashboard?from=${id}`);
  assertMatch(html, />The old tram<\/textarea>/);
  assertMatch(html, /clip\.png/);
  assertMatch(html, /name="kept\.motionVideo"/);
  await signUp(studio, "jo@example.org");
  const jo = new Visitor(studio);
  await jo.post("/login", { email: "jo@example.org", password: PASSWORD });
  const theirs = await jo.open(`/dashboard?from=${id}`);
  assertEquals(theirs.status, 200);
  assert(!theirs.html.includes("The old tram"));
  assertEquals((await mika.open("/dashboard?from=nonsense")).status, 200);
});

Deno.test("an empty studio makes the demo films with one click, and only once", async () => {
  const { mika, jobs, studio } = await openMika();
  const empty = await mika.open("/dashboard");
  assertMatch(empty.html, /<form method="post" action="\/demo">/);
  for (let click = 0; click < 2; click++) {
    const made = await mika.post("/demo", {});
    assertEquals([made.status, made.to], [303, "/dashboard"]);
  }
  assertEquals(jobs().map(({ mode, submode }) => [mode, submode]), [
    ["audio", null],
    ["animate", "mix"],
    ["animate", "move"],
  ]);
  assertEquals(studio.kept.assets.size, 4);
  assert(!(await mika.open("/dashboard")).html.includes('action="/demo"'));
});

Deno.test("in a project the studio shows its films alone, and a new film goes into it", async () => {
  const { mika, film, jobs } = await openMika();
  const made = await mika.post("/projects", { name: "Five shots", description: "" });
  const project = /^\/projects\/([^?]+)/.exec(made.to ?? "")?.[1] ?? "";
  await film("Inside", { projectId: project });
  await film("Outside");
  const seen = await mika.open(`/dashboard?project=${project}`);
  assertEquals(labels(seen.html), ["Inside"]);
  assertMatch(seen.html, new RegExp(`<a href="/projects/${project}"[^>]*>Five shots</a>`));
  assertMatch(seen.html, new RegExp(`href="/dashboard\\?project=${project}&amp;mode=audio"`));
  assertMatch(seen.html, new RegExp(`<input type="hidden" name="projectId" value="${project}"`));
  const form = (change = {}) => formOf({ groundTruth: png(), projectId: project, ...change });
  const refused = await mika.post("/jobs/new", form());
  assertEquals(refused.status, 422);
  assertMatch(refused.html, new RegExp(`name="projectId" value="${project}"`));
  await mika.post("/jobs/new", form({ motionVideo: mp4(), ticket: "another" }));
  assertEquals(jobs().at(-1)?.projectId, project);
  assertEquals(labels((await mika.open("/dashboard?project=nobodys")).html), ["Outside", "Inside"]);
});

Deno.test("what is chosen in the drawer without a script is what the person sees chosen", async () => {
  const { mika } = await openMika();
  const { html } = await mika.open("/dashboard");
  assertMatch(html, /<option value="balanced" selected>|<option selected[^>]* value="balanced">/);
  const refused = await mika.post("/jobs/new", formOf({ "settings.preset": "fast", "settings.seed": "x" }));
  assertMatch(refused.html, /<option value="fast" selected>|<option selected[^>]* value="fast">/);
  assertMatch(refused.html, /<details class="fold tune bad"[^>]* open/);
});
