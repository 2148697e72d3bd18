/** How fast forms may be sent: a page with a sentence, how long to wait, and what was typed. */
import { makeLimiter } from "@/adapters/auth/limiter.ts";
import { FORMS } from "@/routes/(_shared)/pace.ts";
import { PASSWORD, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Visitor } from "./app.ts";

async function open() {
  const studio = makeStudio();
  await signUpCreator(studio);
  // Of its own, so that the forms of the door are not counted.
  studio.limiter = makeLimiter(studio.clock);
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  const flood = async () => {
    for (let n = 0; n < FORMS.size; n++) await mika.post("/projects", { name: "" });
  };
  return { studio, mika, flood };
}

Deno.test("a person who sends forms too fast is told how long to wait, and gets back what was typed to send it again", async () => {
  const { studio, mika, flood } = await open();
  await flood();
  const name = 'Harbour "at night" <1>';
  const over = await mika.post("/projects", { name });
  assertEquals([over.status, over.headers.get("retry-after")], [429, "1"]);
  assertMatch(over.html, /A little slower, please[^]*Wait 1 s[^]*nothing was lost/);
  assertMatch(over.html, /<form method="post" action="\/projects"/);
  assertMatch(over.html, /name="name" value="Harbour &quot;at night&quot; &lt;1(>|&gt;)"/);
  assertEquals([...studio.kept.projects.values()].length, 0);
  assertEquals((await mika.open("/projects")).status, 200, "pages are read as ever");
  studio.clock.advance(1000);
  assertEquals((await mika.post("/projects", { name })).status, 303);
});

Deno.test("a password that came too fast stands in no page, and the files of a form are asked for again", async () => {
  const { mika, flood } = await open();
  await flood();
  const secret = await mika.post("/settings", { current: "my old secret", next: "my new secret" });
  assertEquals(secret.status, 429);
  assert(!secret.html.includes("my old secret") && !secret.html.includes("my new secret"));
  assertMatch(secret.html, /Present password[^]*name="current" type="password"/);
  const form = new FormData();
  form.set("prompt", "A harbour");
  form.set("groundTruth", new File(["x"], "a.png"));
  const film = await mika.post("/jobs/new", form);
  assertMatch(film.html, /enctype="multipart\/form-data"[^]*name="prompt" value="A harbour"/i);
  assertMatch(film.html, /Files must be chosen anew/);
  form.set("prompt", "x".repeat(300_000));
  const large = await mika.post("/jobs/new", form);
  assertEquals([large.status, large.html.includes('name="prompt"')], [429, false]);
});

Deno.test("one person's flood of forms slows nobody else, and strangers at the door are counted there", async () => {
  const { studio, mika, flood } = await open();
  await flood();
  assertEquals((await mika.post("/projects", { name: "Mine" })).status, 429);
  await signUpCreator(studio, "other@example.org");
  const other = new Visitor(studio);
  await other.post("/login", { email: "other@example.org", password: PASSWORD });
  assertEquals((await other.post("/projects", { name: "Mine" })).status, 303);
  for (
    const [path, fields] of [
      ["/register", { email: "mika@example.org", password: PASSWORD }],
      ["/new-password", { token: "none", password: PASSWORD }],
    ] as const
  ) {
    const stranger = new Visitor(studio);
    let answer = await stranger.post(path, fields);
    for (let n = 0; n < 30 && answer.status !== 429; n++) answer = await stranger.post(path, fields);
    assertEquals([path, answer.status, Number(answer.headers.get("retry-after")) > 0], [path, 429, true]);
    assertMatch(answer.html, /Too many tries\. Try again in|gone|ended/i);
    if (path === "/register") assertMatch(answer.html, /value="mika@example\.org"/);
  }
});
