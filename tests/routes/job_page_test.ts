/** A job's page without a script: what stands on it in each state, and every action as a form. */
import type { Plan } from "@/core/plan.ts";
import { problem } from "@/core/problem.ts";
import type { StepRow } from "@/core/store.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { makeJob, PASSWORD, signUp, signUpCreator } from "@/tests/api/client.ts";
import { CANARY, changeJob } from "@/tests/api/fake_jobs.ts";
import { type FakeStudio, makeStudio } from "@/tests/api/fake_studio.ts";
import { Visitor } from "./app.ts";

async function openMika() {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  const id = await makeJob(person, { title: "Mika at the harbour" });
  giveParts(studio, id);
  return { studio, person, mika, id, page: `/jobs/${id}` };
}

/** A plan of three rendered parts and a join; the first part is done, the second is being made. */
function giveParts(studio: FakeStudio, id: string): void {
  const plan = studio.kept.plans.get(`${id} 1`);
  const [row] = studio.kept.steps.get(id) ?? [];
  const last = plan?.steps.at(-1);
  assert(plan && row && last);
  const values = { prompt: "Mika walks", seed: "7", graph: CANARY };
  const common = {
    weight: 1,
    form: "0".repeat(64),
    timeLimitS: 60,
    phase: "render" as const,
    kind: "prompt" as const,
  };
  const prompt = {
    ...common,
    template: { id: "t", version: "1" },
    variant: "",
    preset: "balanced",
    family: "",
    values,
  };
  const steps: Plan["steps"] = [1, 2, 3].map((n) => ({
    ...prompt,
    id: `chunk-00${n}`,
    title: `Part ${n} of 3`,
    needs: n === 1 ? [] : [`chunk-00${n - 1}`],
  }));
  studio.kept.plans.set(`${id} 1`, { ...plan, steps: [...steps, { ...last, needs: ["chunk-003"] }] });
  const rowOf = (n: number, change: Partial<StepRow>) => ({ ...row, id: `chunk-00${n}`, ...change });
  const clip = { role: "clip", ord: 0, sha256: "a".repeat(64), ext: "mp4", bytes: 9 };
  studio.kept.steps.set(id, [
    rowOf(1, { state: "done", outputs: [clip], startedAt: 1, endedAt: 171_001 }),
    rowOf(2, { state: "running", startedAt: 1 }),
    rowOf(3, { state: "pending" }),
    { ...row, id: last.id, state: "pending" },
  ]);
  changeJob(studio.kept, id, { status: "executing", stage: "Part 2 of 3" });
}

function giveFilm(studio: FakeStudio, id: string): void {
  const metadata = { durationS: 12, width: 640, height: 640 };
  const output = { id: "o1", type: "film", file: "film.mp4", poster: "poster.jpg", metadata, createdAt: 0 };
  studio.kept.outputs.set(id, [output]);
  const rows = studio.kept.steps.get(id) ?? [];
  studio.kept.steps.set(id, rows.map((row) => ({ ...row, state: "done" as const })));
  changeJob(studio.kept, id, { status: "completed", share: 1, endedAt: studio.clock.now() });
}

const names = (html: string) => [...html.matchAll(/name="do" value="(\w+)"/g)].map(([, name]) => name);
const mails = (studio: FakeStudio) => studio.kept.mail.slice(1).map(({ body }) => body);

Deno.test("[AX6] [XC24] [LX17] a job's page shows a running job without a script, and looks again by itself until it ends", async () => {
  const { studio, mika, id, page } = await openMika();
  const step = { id: "chunk-002", title: "Part 2 of 3", share: 0.62 };
  const at = { title: "Second pass", number: 4, of: 5, step: { value: 12, max: 20 } };
  const userId = studio.kept.jobs.get(id)?.userId ?? "";
  studio.progress.publish({ jobId: id, userId, run: 1, share: 0.52, stage: "", step, at, etaS: 360 });
  const { status, html } = await mika.open(page);
  assertEquals(status, 200);
  assertMatch(html, /<title>52 % · Mika at the harbour<\/title>/);
  assertMatch(html, /<noscript><meta http-equiv="refresh" content="5"\/?><\/noscript>/);
  assertMatch(html, /<b>52 %<\/b>/);
  assertMatch(html, /<video[^>]*src="[^"]*chunk-001\/takes\/0\/files\/clip\/0"[^>]*controls/);
  assertMatch(html, /62 %/);
  assertMatch(html, /Stage 4 of 5: Second pass, step 12 of 20/);
  assertMatch(html, /about 6 min left/);
  assertMatch(html, /2:51/);
  assertEquals(names(html), ["cancel", "pause", "pause_now", "duplicate"]);
  changeJob(studio.kept, id, { status: "cancelled", endedAt: 1 });
  assert(!(await mika.open(page)).html.includes("http-equiv"));
});

Deno.test("[AX31] a finished job's page has the film, what it was made from, its settings and a download with a good name", async () => {
  const { studio, mika, id, page } = await openMika();
  giveFilm(studio, id);
  const { html } = await mika.open(page);
  assertMatch(
    html,
    new RegExp(`<video[^>]*src="/api/jobs/${id}/outputs/o1/file"[^>]*poster="[^"]*/o1/poster"`),
  );
  assertMatch(html, new RegExp(`href="/api/jobs/${id}/outputs/o1/file\\?download=1"`));
  assertMatch(html, /Mika walks along the harbour/);
  assertMatch(html, /Character/);
  assertMatch(html, /Driving clip/);
  assertMatch(html, /640 × 640, 16 fps/);
  assertMatch(html, /160 frames, 10 s/);
  assertMatch(html, new RegExp(`href="/dashboard\\?from=${id}"`));
  assertMatch(html, /class="tag draft"/);
  assertEquals(names(html), ["duplicate", "delete"]);
});

Deno.test("[LX19] a failure says in the picture's place what happened, what was kept and what to do", async () => {
  const { studio, mika, id, page } = await openMika();
  const found = problem("comfy.out_of_memory", { operator: CANARY });
  changeJob(studio.kept, id, { status: "failed", problem: found, endedAt: 1 });
  const { html } = await mika.open(page);
  assert(html.includes(found.message));
  assertMatch(html, /1 of 3 parts is kept and will not be made again/);
  assertMatch(html, /With the preset “Thrifty” it needs less/);
  assertMatch(html, /<input\s+type="hidden" name="preset" value="fast"/);
  assertEquals(names(html), ["retry", "retry", "duplicate", "delete"]);
  changeJob(studio.kept, id, { problem: problem("comfy.timeout") });
  const plain = await mika.open(page);
  assertMatch(plain.html, /Try again: it goes on where it stopped/);
  assertEquals(names(plain.html), ["retry", "duplicate", "delete"]);
  const kept = await mika.open(`${page}?look=kept`);
  assertMatch(kept.html, /<video[^>]*controls/);
  assertEquals(names(kept.html), ["retry", "duplicate", "delete"]);
});

Deno.test("[XC24] every action is a form: it is told to the job, and the page comes back", async () => {
  const { studio, mika, id, page } = await openMika();
  const tell = async (fields: Record<string, string>) => {
    const { status, to } = await mika.post(page, fields);
    assertEquals([status, to], [303, page]);
  };
  await tell({ do: "pause" });
  await tell({ do: "pause_now" });
  await tell({ do: "resume" });
  await tell({ do: "cancel" });
  assertEquals(mails(studio), [
    { type: "pause", now: false },
    { type: "pause", now: true },
    { type: "resume" },
    { type: "cancel" },
  ]);
  changeJob(studio.kept, id, { status: "failed" });
  await tell({ do: "retry" });
  assertEquals(mails(studio).at(-1), { type: "retry" });
  const copy = await mika.post(page, { do: "duplicate" });
  assertMatch(copy.to ?? "", /^\/jobs\/019a/);
  assert(copy.to !== page);
  await tell({ do: "delete" });
  assert(studio.kept.jobs.get(id)?.trashedAt !== null);
  const { html } = await mika.open(page);
  assertMatch(html, /is in the trash/);
  assertEquals(names(html), ["restore"]);
  await tell({ do: "restore" });
  assertEquals(studio.kept.jobs.get(id)?.trashedAt, null);
  await tell({ do: "nonsense" });
});

Deno.test("a part is taken again by a form that stands on the page, with its old values in it", async () => {
  const { studio, mika, page } = await openMika();
  assertMatch((await mika.open(page)).html, /href="[^"]*\?retake=chunk-001#retake"/);
  const { html } = await mika.open(`${page}?retake=chunk-001`);
  assertMatch(html, /<dialog[^>]*\bopen\b/);
  assertMatch(html, /<textarea[^>]*name="prompt"[^>]*>Mika walks<\/textarea>/);
  assertMatch(html, /name="seed"[^>]*value="7"/);
  assert(!html.includes("http-equiv"), "a page with a form is not read again by itself");
  const same = { do: "retake", step: "chunk-001", prompt: "Mika walks", negativePrompt: "", seed: "7" };
  const { status, to } = await mika.post(page, {
    ...same,
    prompt: "Mika runs",
    newSeed: "on",
    follow: "rerun",
  });
  assertEquals([status, to], [303, page]);
  assertEquals(mails(studio).at(-1), { type: "retake", rev: 2, step: "chunk-001", follow: "rerun" });
  const made = [...studio.kept.plans].find(([key]) => key.endsWith(" 2"))?.[1];
  const { prompt, seed } = made?.steps[0]?.values ?? {};
  assertEquals([prompt, seed], ["Mika runs", studio.drawSeed()]);
});

Deno.test("a refused retake comes back with the sentence beside its field and what was entered", async () => {
  const { mika, page } = await openMika();
  const fields = {
    do: "retake",
    step: "chunk-001",
    prompt: "Mika runs <fast>",
    negativePrompt: "",
    seed: "seven",
  };
  const { status, html } = await mika.post(page, fields);
  assertEquals(status, 422);
  assertMatch(html, /<span class="wrong"[^>]*>must be a whole number as text<\/span>/);
  assertMatch(html, /<textarea[^>]*name="prompt"[^>]*>Mika runs &lt;fast(&gt;|>)<\/textarea>/);
  assertMatch(html, /name="seed"[^>]*value="seven"/);
  assert(!/name="newSeed"[^>]*checked/.test(html));
});

Deno.test("what cannot be done any more is refused in words, on the page", async () => {
  const { studio, mika, id, page } = await openMika();
  giveFilm(studio, id);
  const { status, html } = await mika.post(page, { do: "cancel" });
  assertEquals(status, 409);
  assertMatch(html, /This cannot be done with the job as it is now/);
});

Deno.test("a new take that waits asks whether what follows is made again", async () => {
  const { studio, mika, id, page } = await openMika();
  changeJob(studio.kept, id, { retakes: ["chunk-001"] });
  const { html } = await mika.open(page);
  assertMatch(html, /The new take of part 1 is there/);
  await mika.post(page, { do: "follow", step: "chunk-001", choice: "keep" });
  assertEquals(mails(studio).at(-1), { type: "follow", step: "chunk-001", choice: "keep" });
});

Deno.test("a take that waits is approved with one button, and can be taken again instead", async () => {
  const { studio, mika, id, page } = await openMika();
  changeJob(studio.kept, id, { approvals: [{ step: "chunk-001", take: 0 }] });
  const { html } = await mika.open(page);
  assertMatch(html, /is there and waits for you/);
  assertMatch(html, new RegExp(`href="/jobs/${id}\\?retake=chunk-001#retake"`));
  await mika.post(page, { do: "approve", step: "chunk-001", take: "0" });
  assertEquals(mails(studio).at(-1), { type: "approve", step: "chunk-001", take: 0 });
  const old = await mika.post(page, { do: "approve", step: "chunk-001", take: "1" });
  assertEquals(old.status, 409);
});

Deno.test("older takes can be looked at, and two of a part compared", async () => {
  const { studio, mika, id, page } = await openMika();
  const none = await mika.open(`${page}/compare`);
  assertMatch(none.html, /There is nothing to compare yet/);
  const rows = studio.kept.steps.get(id) ?? [];
  const [first] = rows;
  assert(first);
  studio.kept.steps.set(
    id,
    [...rows, { ...first, take: 1, chosen: true }].map((row) =>
      row === first ? { ...row, chosen: false } : row
    ),
  );
  const { html } = await mika.open(`${page}?take=chunk-001.0`);
  assertMatch(html, /Part 1, take 1/);
  assertMatch(html, /<video[^>]*takes\/0\/files\/clip\/0"[^>]*controls/);
  const both = await mika.open(`${page}/compare`);
  assertEquals([...both.html.matchAll(/<video/g)].length, 2);
  assertMatch(both.html, /takes\/0\/files[\s\S]*takes\/1\/files/);
});

Deno.test("[XC11] a job that is gone, or another person's, is a page that helps", async () => {
  const { studio, id } = await openMika();
  await signUp(studio, "other@example.org");
  const other = new Visitor(studio);
  await other.post("/login", { email: "other@example.org", password: PASSWORD });
  for (
    const path of [
      `/jobs/${id}`,
      `/jobs/${id}/compare`,
      "/jobs/019a0000-0000-7000-8000-ffffffffffff",
      "/jobs/x",
    ]
  ) {
    const { status, html } = await other.open(path);
    assertEquals(status, 404, path);
    assertMatch(html, /This film is not here/);
    assertMatch(html, /href="\/dashboard"/);
  }
  assertEquals((await other.post(`/jobs/${id}`, { do: "cancel" })).status, 404);
  assertEquals(mails(studio), []);
});

Deno.test("[AX6] a stranger is sent to sign in, and comes back to the job", async () => {
  const { studio, page } = await openMika();
  const { status, to } = await new Visitor(studio).open(page);
  assertEquals([status, to], [303, `/login?next=${encodeURIComponent(page)}`]);
});

Deno.test("[AX36] nothing of graphs or nodes stands on a creator's page of a job", async () => {
  const { studio, mika, id, page } = await openMika();
  changeJob(studio.kept, id, {
    status: "failed",
    problem: problem("comfy.out_of_memory", { operator: CANARY }),
  });
  studio.happen({ jobId: id, kind: "step.failed", message: "Part 2 of 3 failed.", body: { node: CANARY } });
  for (const path of [page, `${page}?retake=chunk-001`, `${page}/compare`]) {
    const { html } = await mika.open(path);
    assert(!/KSampler|class_type|309:298/.test(html), path);
    assert(!/ style=|<style/.test(html), path);
  }
});
