/** The pages for what went wrong: each helps, keeps the frame, and says nothing of the inside. */
import { fail, problem } from "@/core/problem.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { PASSWORD, signUp } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { app } from "@/main.ts";
import { appFor, Visitor } from "./app.ts";

async function openMika() {
  const studio = makeStudio();
  await signUp(studio, "mika@example.org");
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  return { studio, mika };
}

Deno.test("a missing page keeps the frame of whoever is signed in", async () => {
  const { studio, mika } = await openMika();
  const missing = await mika.open("/nothing/here");
  assertEquals(missing.status, 404);
  assertMatch(missing.html, /Account of mika@example\.org/);
  assertMatch(missing.html, /href="\/dashboard"[^>]*>Back to the studio/);
  const film = await mika.open("/jobs/01990000-0000-7000-8000-00000000ffff");
  assertEquals(film.status, 404);
  assertMatch(film.html, /This film is not here/);
  assertMatch(film.html, /href="\/library"/);
  const stranger = await new Visitor(studio).open("/nothing/here");
  assert(!stranger.html.includes("Account of"));
  assertMatch(stranger.html, /href="\/"[^>]*>To the front page/);
});

Deno.test("a method that a page does not take is told as such", async () => {
  const studio = makeStudio();
  const answer = await appFor(studio)("/logout");
  assertEquals([answer.status, answer.headers.get("allow")?.includes("POST")], [405, true]);
  assertMatch(await answer.text(), /This cannot be done here/);
});

Deno.test("a broken studio says what was kept, and offers to try again", async () => {
  const { studio, mika } = await openMika();
  studio.sessions.list = () => Promise.reject(new Error("disk is at /var/secret"));
  const broken = await mika.open("/settings/sessions");
  assertEquals(broken.status, 500);
  assertMatch(broken.html, /Your films are kept/);
  assertMatch(broken.html, /href="\/settings\/sessions"[^>]*>Try again/);
  assertMatch(broken.html, /Account of mika/);
  assert(!broken.html.includes("secret"));
});

Deno.test("what was refused on a page without fields is told in the studio's own sentence", async () => {
  const { studio, mika } = await openMika();
  studio.probe = () => Promise.reject(fail("asset.unreadable"));
  const refused = await mika.post("/demo", {});
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /This did not work/);
  assert(refused.html.includes(problem("asset.unreadable").message));
});

Deno.test("a busy studio answers 503, and the page tries again by itself", async () => {
  const { studio, mika } = await openMika();
  studio.sessions.find = () => Promise.reject(fail("studio.busy"));
  const busy = await mika.open("/settings");
  assertEquals([busy.status, busy.headers.get("retry-after")], [503, "3"]);
  assertMatch(busy.html, /<meta http-equiv="refresh" content="3"/);
});

Deno.test("before the studio has opened, pages say that it is starting, and programs get a problem", async () => {
  const handle = app.handler();
  const page = await handle(new Request("http://studio.test/library"));
  assertEquals([page.status, page.headers.get("retry-after")], [503, "3"]);
  const html = await page.text();
  assertMatch(html, /The studio is starting/);
  assertMatch(html, /http-equiv="refresh"/);
  assertMatch(page.headers.get("content-security-policy") ?? "", /default-src 'self'/);
  const answer = await handle(new Request("http://studio.test/api/jobs"));
  assertEquals([answer.status, (await answer.json()).code], [503, "studio.busy"]);
});

Deno.test("the studio can be put on a phone's home screen, and stays out of search engines", async () => {
  const get = appFor(makeStudio());
  const html = await (await get("/")).text();
  assertMatch(html, /<meta name="robots" content="noindex"/);
  assertMatch(html, /<meta name="theme-color"/);
  const [, href = ""] = html.match(/<link rel="manifest" href="([^"]+)"/) ?? [];
  const answer = await get(href);
  assertEquals(answer.headers.get("content-type"), "application/manifest+json");
  const { icons, start_url } = await answer.json();
  assertEquals([start_url, icons.some(({ purpose }: { purpose?: string }) => purpose === "maskable")], [
    "/dashboard",
    true,
  ]);
  for (const { src, sizes } of icons) {
    const icon = await get(src);
    const bytes = new DataView(await icon.arrayBuffer());
    assertEquals([src, `${bytes.getUint32(16)}x${bytes.getUint32(20)}`], [src, sizes]);
  }
  assertMatch(await (await get("/robots.txt")).text(), /Disallow: \//);
});
