/** The queue and the operators' pages as a browser without script sees them. */
import { JobMessage } from "@/actors/job/messages.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { makeJob, PASSWORD, type Person, signUp } from "@/tests/api/client.ts";
import { CANARY, changeJob } from "@/tests/api/fake_jobs.ts";
import { type FakeStudio, makeStudio } from "@/tests/api/fake_studio.ts";
import { Visitor } from "./app.ts";

/** An operator and a creator, each at the API and in a browser. */
async function openStudio() {
  const studio = makeStudio();
  const open = async (email: string) => {
    const person = await signUp(studio, email);
    const visitor = new Visitor(studio);
    await visitor.post("/login", { email, password: PASSWORD });
    return { person, visitor };
  };
  return { studio, operator: await open("op@example.org"), mika: await open("mika@example.org") };
}

async function makeWaiting(studio: FakeStudio, person: Person, titles: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const title of titles) {
    const id = await makeJob(person, { title });
    changeJob(studio.kept, id, { status: "queued" });
    ids.push(id);
  }
  studio.kept.mail = [];
  return ids;
}

const titlesOf = (html: string) =>
  [...html.matchAll(/href="\/jobs\/[^"]+">([^<]+)<\/a><\/p>/g)].map(([, title]) => title);
const told = (studio: FakeStudio) =>
  studio.kept.mail.map((mail) => [mail.to, JobMessage.parse(mail.body).type]);

Deno.test("the empty queue says so and leads to the studio", async () => {
  const { mika } = await openStudio();
  const { html, status } = await mika.visitor.open("/queue");
  assertEquals(status, 200);
  assertMatch(html, /Nothing runs and nothing waits\./);
  assertMatch(html, /href="\/dashboard"/);
});

Deno.test("the queue shows place, time and what each job waits for, and moves jobs by buttons", async () => {
  const { studio, mika } = await openStudio();
  const [first = "", , third = ""] = await makeWaiting(studio, mika.person, ["One", "Two", "Three"]);
  const before = await mika.visitor.open("/queue");
  assertEquals(titlesOf(before.html), ["One", "Two", "Three"]);
  assertMatch(before.html, /Next in line\./);
  assertMatch(before.html, /Behind 2 other films\./);
  assertMatch(before.html, /Starts in about/);
  for (
    const [act, id, wanted] of [
      ["front", third, ["Three", "One", "Two"]],
      ["down", third, ["One", "Three", "Two"]],
      ["up", third, ["Three", "One", "Two"]],
      ["down", first, ["Three", "Two", "One"]],
    ] as const
  ) {
    const moved = await mika.visitor.post("/queue", { act, id });
    assertEquals([moved.status, moved.to], [303, `/queue#job-${id}`]);
    assertEquals(titlesOf((await mika.visitor.open("/queue")).html), [...wanted]);
  }
});

Deno.test("every button of the queue tells the jobs that it names", async () => {
  const { studio, mika } = await openStudio();
  const [first = "", second = ""] = await makeWaiting(studio, mika.person, ["One", "Two"]);
  for (
    const [fields, wanted] of [
      [{ act: "pause", id: first }, [[first, "pause"]]],
      [{ act: "cancel", id: first }, [[first, "cancel"]]],
      [{ act: "others", id: first }, [[second, "cancel"]]],
      [{ act: "pause_all" }, [[first, "pause"], [second, "pause"]]],
      [{ act: "cancel_all" }, [[first, "cancel"], [second, "cancel"]]],
      [{ act: "nonsense", id: first }, []],
      [{ act: "pause", id: "../../auth/logout" }, []],
    ] as [Record<string, string>, string[][]][]
  ) {
    studio.kept.mail = [];
    const answer = await mika.visitor.post("/queue", fields);
    assertEquals(answer.status, 303, JSON.stringify(fields));
    assertEquals(told(studio).sort(), wanted.sort(), JSON.stringify(fields));
  }
});

Deno.test("a refused button is explained on the queue itself, and nobody's job but one's own is reached", async () => {
  const { studio, operator, mika } = await openStudio();
  const [foreign = ""] = await makeWaiting(studio, operator.person, ["Theirs"]);
  const [mine = ""] = await makeWaiting(studio, mika.person, ["Mine"]);
  const refused = await mika.visitor.post("/queue", { act: "cancel", id: foreign });
  assertEquals(refused.status, 404);
  assertMatch(refused.html, /role="alert"[^>]*>This does not exist, or it is not yours\./);
  assert(!(await mika.visitor.open("/queue")).html.includes("Theirs"));
  changeJob(studio.kept, mine, { cancelling: true });
  const late = await mika.visitor.post("/queue", { act: "pause", id: mine });
  assertEquals(late.status, 409);
  assertEquals(studio.kept.mail, []);
});

Deno.test("what has not started is changed by a form, which keeps what was entered when it is refused", async () => {
  const { studio, mika } = await openStudio();
  const [id = ""] = await makeWaiting(studio, mika.person, ["One"]);
  const before = await mika.visitor.open(`/queue/${id}`);
  assertMatch(before.html, /<textarea[^>]*name="prompt"[^>]*>Mika walks along the harbour<\/textarea>/);
  const same = await mika.visitor.post(`/queue/${id}`, { prompt: "Mika walks along the harbour" });
  assertEquals([same.status, same.to, studio.kept.mail.length], [303, `/queue#job-${id}`, 0]);
  const wrong = await mika.visitor.post(`/queue/${id}`, { prompt: " ", "settings.seed": "twelve" });
  assertEquals(wrong.status, 422);
  assertMatch(wrong.html, /id="f-prompt-wrong"[^]*Must not be empty\./);
  assertMatch(wrong.html, /name="settings.seed"[^>]*value="twelve"/);
  assertMatch(wrong.html, /id="f-settings.seed-wrong"/);
  const done = await mika.visitor.post(`/queue/${id}`, { prompt: "Night\r\nRain", "settings.seed": "7" });
  assertEquals([done.status, done.to], [303, `/queue#job-${id}`]);
  assertEquals(told(studio), [[id, "edit"]]);
  assert(JSON.stringify(studio.kept.jobs.get(id)).includes("Night\\nRain"));
  changeJob(studio.kept, id, { status: "completed" });
  assertEquals((await mika.visitor.open(`/queue/${id}`)).status, 404);
});

Deno.test("[AX37] the operators' pages are a refusal with status 403 for everybody else", async () => {
  const { operator, mika } = await openStudio();
  for (const path of ["/admin", "/admin/queue", "/admin/letters", "/admin/actors", "/admin/audit"]) {
    const seen = await operator.visitor.open(path);
    assertEquals([path, seen.status], [path, 200]);
    const refused = await mika.visitor.open(path);
    assertEquals([path, refused.status], [path, 403]);
    assert(!/gpu\.internal|prompt\.finished/.test(refused.html));
  }
});

Deno.test("[XC3] operators see servers, what they lack, and the parts that are not configured", async () => {
  const { studio, operator } = await openStudio();
  studio.health.anthropic = () => Promise.resolve({ state: "not_configured" });
  const { html } = await operator.visitor.open("/admin");
  assertMatch(html, /http:\/\/gpu\.internal:8188/);
  assertMatch(html, /1 of 2 used/);
  assertMatch(html, /Lacks something for 1 template/);
  assertMatch(html, /Model file voice\.safetensors is missing/);
  assertMatch(html, /Put it into models\/audio_encoders/);
  assertMatch(html, /Anthropic<\/span><span class="second">Not configured/);
  const drained = await operator.visitor.post("/admin", { act: "drain", id: "b1" });
  assertEquals([drained.status, drained.to], [303, "/admin?done=drain"]);
  const unknown = await operator.visitor.post("/admin", { act: "drain", id: "b9" });
  assertEquals(unknown.status, 404);
  assertMatch(unknown.html, /role="alert"/);
});

Deno.test("operators see everybody's jobs with their owners, stop one and serve one next", async () => {
  const { studio, operator, mika } = await openStudio();
  const [id = ""] = await makeWaiting(studio, mika.person, ["One"]);
  const seen = await operator.visitor.open("/admin/queue?name=waiting");
  assertMatch(seen.html, /<b>One<\/b>/);
  assertMatch(seen.html, /mika@example\.org · Animate/);
  const first = await operator.visitor.post("/admin/queue?name=waiting", { act: "prefer", id });
  assertEquals(first.to, "/admin/queue?name=waiting&done=prefer");
  assertMatch(
    (await operator.visitor.open(first.to ?? "")).html,
    /It comes before its owner's other films\./,
  );
  await operator.visitor.post("/admin/queue?name=waiting", { act: "cancel", id });
  assertEquals(told(studio), [[id, "reprioritise"], [id, "cancel"]]);
  const bad = await operator.visitor.post("/admin/queue", { act: "resume", id });
  assertEquals(bad.status, 409);
  assertMatch(bad.html, /role="alert"/);
});

Deno.test("a dead letter shows its cause and is replayed or dropped", async () => {
  const { operator } = await openStudio();
  const { html } = await operator.visitor.open("/admin/letters");
  assertMatch(html, /prompt\.finished[^]*Cannot read properties of undefined[^]*5 tries · 1 min ago/);
  const replayed = await operator.visitor.post("/admin/letters", { act: "retry", id: "letter" });
  assertEquals(replayed.to, "/admin/letters?done=retry");
  assertMatch((await operator.visitor.open(replayed.to ?? "")).html, /The message was posted again\./);
  const gone = await operator.visitor.post("/admin/letters", { act: "drop", id: "other" });
  assertEquals(gone.status, 404);
});

Deno.test("[AX36] the queue of a creator tells of no server, node or graph", async () => {
  const { studio, mika } = await openStudio();
  const [id = ""] = await makeWaiting(studio, mika.person, ["One"]);
  const rows = studio.kept.steps.get(id) ?? [];
  studio.kept.steps.set(id, rows.map((row) => ({ ...row, promptId: "secret-prompt", digest: CANARY })));
  for (const path of ["/queue", `/queue/${id}`]) {
    const { html } = await mika.visitor.open(path);
    assert(!/gpu\.internal|secret-prompt|KSampler|class_type/.test(html), path);
  }
});
