/** The pages of render servers as an operator's browser without script sees them. */
import { makeJob, PASSWORD, Person } from "@/tests/api/client.ts";
import { changeJob } from "@/tests/api/fake_jobs.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { openSignedIn, Visitor } from "./app.ts";

const NEW = "/admin/servers/new";
const WISH = {
  url: "http://10.0.0.7:8188",
  name: "Lab",
  slots: "",
  header: "",
  tags: "fast, lab",
  gpu: "",
  vramBytes: "",
  costHour: "",
};

Deno.test("a server is tried and added by a form; what is wrong stands at its field, and what was entered stays", async () => {
  const { studio, operator } = await openSignedIn();
  const tried = await operator.post(NEW, { ...WISH, do: "try" });
  assertEquals([tried.status, studio.kept.servers.size], [200, 1]);
  assertMatch(tried.html, /It answers\.[^]*0\.33\.0/);
  const silent = await operator.post(NEW, { ...WISH, url: "http://silent", do: "save" });
  assertEquals(silent.status, 422);
  assertMatch(silent.html, /id="f-url-wrong"[^]*Nothing answers there/);
  assertMatch(silent.html, /name="untested"/);
  assertMatch(silent.html, /value="Lab"/);
  const wrong = await operator.post(NEW, {
    ...WISH,
    slots: "many",
    tags: "No Good!",
    header: "x",
    do: "save",
  });
  for (const field of ["slots", "tags", "header"]) {
    assertMatch(wrong.html, new RegExp(`id="f-${field}-wrong"`));
  }
  const added = await operator.post(NEW, { ...WISH, do: "save" });
  assertEquals([added.status, added.to], [303, "/admin?done=added"]);
  const list = await operator.open(added.to ?? "");
  assertMatch(list.html, /The server was added\.[^]*Lab/);
  assertMatch(list.html, /Kept for[^]*class="tag">fast<[^]*class="tag">lab</);
});

Deno.test("a server is edited; a second operator's edit is refused with a sentence, and reading again helps", async () => {
  const { studio, operator } = await openSignedIn();
  const here = "/admin/servers/b1";
  assertMatch((await operator.open(here)).html, /COMFY_URLS names it\./);
  const header = "Authorization: Bearer abcdefgh1234";
  const saved = await operator.post(here, {
    ...WISH,
    url: "http://gpu.internal:8188",
    header,
    rev: "1",
    do: "save",
  });
  assertEquals([saved.status, saved.to], [303, "/admin?done=saved"]);
  assertEquals(studio.kept.servers.get("b1")?.name, "Lab");
  const late = await operator.post(here, {
    ...WISH,
    url: "http://gpu.internal:8188",
    name: "Late",
    rev: "1",
    do: "save",
  });
  assertEquals(late.status, 409);
  assertMatch(late.html, /Someone changed this at the same time[^]*value="Late"/);
  const again = await operator.open(here);
  assertMatch(again.html, /One is set that ends in …1234\./);
  assert(!again.html.includes("abcdefgh"), "the header is never shown");
  const kept = await operator.post(here, { ...WISH, url: "http://gpu.internal:8188", rev: "2", do: "save" });
  assertEquals([kept.status, studio.kept.servers.get("b1")?.header], [303, "1234"]);
  const off = { ...WISH, url: "http://gpu.internal:8188", headerOff: "on", rev: "3", do: "save" };
  assertEquals((await operator.post(here, off)).status, 303);
  assertEquals(studio.kept.servers.get("b1")?.header, null);
});

Deno.test("an added server is removed by its button; the configuration's own has none; creators see nothing of it", async () => {
  const { studio, operator, mika } = await openSignedIn();
  await operator.post(NEW, { ...WISH, do: "save" });
  const here = "/admin/servers/b2";
  assertMatch((await operator.open(here)).html, /value="remove"/);
  assert(!(await operator.open("/admin/servers/b1")).html.includes('value="remove"'));
  assertEquals((await operator.post("/admin/servers/b1", { do: "remove" })).status, 409);
  assertEquals((await operator.post(here, { do: "remove" })).to, "/admin?done=removed");
  assertEquals([studio.kept.servers.has("b2"), (await operator.open(here)).status], [false, 404]);
  for (const path of [NEW, "/admin/servers/b1"]) assertEquals((await mika.open(path)).status, 403);
  assertEquals((await mika.post(NEW, { ...WISH, do: "save" })).status, 403);
});

Deno.test("in maintenance every page says so with the operator's word, for strangers too, until it is ended", async () => {
  const { studio, operator, mika } = await openSignedIn();
  const drained = await operator.post("/admin", { act: "drained", note: "New cards <b>." });
  assertEquals(drained.to, "/admin?done=drained");
  const stranger = new Visitor(studio);
  for (
    const [visitor, path] of [[mika, "/dashboard"], [mika, "/library"], [stranger, "/login"], [
      mika,
      "/gone",
    ]] as const
  ) {
    assertMatch((await visitor.open(path)).html, /The studio is being looked after\.[^]*New cards &lt;b>\./);
  }
  assertMatch((await operator.open("/admin")).html, /2 parts of films still run\./);
  const long = await operator.post("/admin", { act: "drained", note: "x".repeat(201) });
  assertEquals(long.status, 422);
  assertMatch(long.html, /id="f-note-wrong"/);
  assertEquals((await operator.post("/admin", { act: "opened" })).to, "/admin?done=opened");
  assert(!(await mika.open("/dashboard")).html.includes("being looked after"));
});

Deno.test("settings are read and changed by forms; secrets are never shown, and what is read at the start has no form", async () => {
  const { studio, operator, mika } = await openSignedIn();
  const here = "/admin/settings";
  const list = await operator.open(here);
  assertMatch(list.html, /id="PORT"[^]*8000[^]*Needs a restart/);
  assertMatch(list.html, /href="#group-server"[^]*<h2 id="group-server"/);
  assert(!list.html.includes("`"), "what is to be typed is marked up, not written with backticks");
  assert(!list.html.includes('value="anthropic"'), "there is nothing to try without a key");
  assert(!list.html.includes('name="value-PORT"'));
  const change = (name: string, value: string, rev = "0", act = "stored") =>
    operator.post(here, { do: act, name, rev, [`value-${name}`]: value });
  assertEquals((await change("TRASH_DAYS", "7")).to, `${here}?done=stored#TRASH_DAYS`);
  assertMatch((await operator.open(here)).html, /id="TRASH_DAYS"[^]*>7<[^]*Stored here/);
  const late = await change("TRASH_DAYS", "9");
  assertEquals(late.status, 409);
  assertMatch(late.html, /Someone changed this at the same time/);
  const wrong = await change("TRASH_DAYS", "soon", "1");
  assertEquals(wrong.status, 422);
  assertMatch(wrong.html, /value="soon"[^]*id="f-value-TRASH_DAYS-wrong"[^]*Must be a number/);
  await change("ANTHROPIC_API_KEY", "sk-very-hidden-9876");
  const secret = await operator.open(here);
  assertMatch(secret.html, /Configured, ends in …9876/);
  assertMatch(secret.html, /name="service" value="anthropic"/);
  assert(!secret.html.includes("very-hidden"));
  assertEquals((await change("TRASH_DAYS", "", "1", "dropped")).status, 303);
  assertEquals(studio.kept.settings.has("TRASH_DAYS"), false);
  assertMatch((await operator.post(here, { do: "try", service: "storage" })).html, /It works\./);
  const out = await operator.post(here, { do: "try", service: "outbound", url: "https://hooks.example" });
  assertMatch(out.html, /It does not work\.[^]*outbound https:\/\/hooks\.example/);
  assertEquals((await mika.open(here)).status, 403);
});

Deno.test("the log, one actor and a selection of the queue are read and used without script", async () => {
  const { studio, operator, mika } = await openSignedIn();
  const person = new Person(studio);
  await person.post("/auth/login", { email: "mika@example.org", password: PASSWORD });
  const [one, two] = [await makeJob(person), await makeJob(person)];
  for (const id of [one, two]) changeJob(studio.kept, id, { status: "queued" });
  const actor = await operator.open(`/admin/actors/${one}`);
  assertMatch(actor.html, /mika@example\.org[^]*comfy\.execution[^]*no such shape/);
  assertMatch(actor.html, /chunk-001[^]*granted[^]*prepare[^]*Leased until 12:00:15[^]*Queued\./);
  assertMatch((await operator.open(`/admin/logs?id=${one}`)).html, new RegExp(`slot granted[^]*job=${one}`));
  assertMatch((await operator.open("/admin/actors")).html, /ensure_prompt/);
  const here = "/admin/queue?name=waiting";
  assertMatch((await operator.open(here)).html, new RegExp(`name="pick-${one}"[^>]*form="selection"`));
  const running = (await operator.open("/admin/queue?name=running")).html;
  assert(!running.includes('name="many"'), "nothing to choose there");
  const none = await operator.post(here, { many: "pause" });
  assertEquals(none.status, 422);
  assertMatch(none.html, /Choose one first\./);
  studio.kept.mail = [];
  const told = await operator.post(here, { many: "prefer", [`pick-${one}`]: "on" });
  assertMatch(told.html, /1 film told\./);
  const asked = await operator.post(here, { many: "pause", all: "on" });
  assertMatch(asked.html, /2 films\?/);
  assertEquals(studio.kept.mail.length, 1);
  assertMatch((await operator.post(here, { many: "pause", all: "on", sure: "on" })).html, /2 films told\./);
  assertEquals(studio.kept.mail.map(({ to, kind }) => [to, kind]), [
    [one, "reprioritise"],
    [one, "pause"],
    [two, "pause"],
  ]);
  for (const path of ["/admin/logs", `/admin/actors/${one}`]) {
    assertEquals((await mika.open(path)).status, 403);
  }
});

Deno.test("an empty queue has no buttons for what could be chosen", async () => {
  const { operator } = await openSignedIn();
  const { html } = await operator.open("/admin/queue");
  assertMatch(html, /Nothing is under way\./);
  assert(!html.includes('id="selection"') && !html.includes('name="many"'));
});
