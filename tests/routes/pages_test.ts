/** The pages and the mounted API, through the app as main.ts builds it. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { appFor } from "./app.ts";

Deno.test("the front page says what the studio is and how it stands, with no script and no inline style", async () => {
  const studio = makeStudio();
  studio.queue.pool = () =>
    Promise.resolve({ servers: 2, up: 1, draftOnly: false, rendering: 1, waiting: 3 });
  const answer = await appFor(studio)("/");
  const html = await answer.text();
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  assertMatch(html, /^<!DOCTYPE html><html lang="en">/);
  assertMatch(html, /<title>Animatrix: your own film studio<\/title>/);
  assertMatch(html, /<b>1 of 2<\/b> GPUs up · 1 rendering · 3 waiting/);
  assertMatch(html, /href="\/api\/openapi\.json"/);
  assert(!/<script|style=|<style/.test(html));
});

Deno.test("the front page stands even when the studio cannot read its state", async () => {
  const studio = makeStudio();
  studio.queue.pool = () => Promise.reject(new Error("locked"));
  const answer = await appFor(studio)("/");
  assertEquals(answer.status, 200);
  assertMatch(await answer.text(), /cannot read its state/);
  assert(studio.kept.logs.some((line) => line.includes("locked")));
});

Deno.test("an unknown page is a page, with the policy, and says nothing of the inside", async () => {
  const answer = await appFor(makeStudio())("/nothing/here");
  const html = await answer.text();
  assertEquals(answer.status, 404);
  assertMatch(html, /There is nothing here/);
  assertMatch(
    answer.headers.get("content-security-policy") ?? "",
    /default-src 'self'; script-src 'self' 'wasm-unsafe-eval'/,
  );
});

Deno.test("a page that fails is answered without its error and logged with it", async () => {
  const studio = makeStudio();
  studio.sessions.find = () => Promise.reject(new Error("database is locked"));
  const answer = await appFor(studio)("/", { headers: { cookie: `animatrix_session=${"x".repeat(32)}` } });
  const html = await answer.text();
  assertEquals(answer.status, 500);
  assert(!html.includes("locked"));
  assertMatch(html, /Something in the studio went wrong/);
  assert(studio.kept.logs.some((line) => line.includes("database is locked")));
});

Deno.test("every file that the shell names is there", async () => {
  const get = appFor(makeStudio());
  const html = await (await get("/")).text();
  const css = await (await get("/css/main.css")).text();
  const named = [...html.matchAll(/<link[^>]*href="([^"]+)"/g), ...css.matchAll(/url\("?([^")]+)"?\)/g)].map((
    match,
  ) => match[1] ?? "");
  // The build put the imported sheets in their place.
  assert(!css.includes("@import") && css.includes("font-face"));
  assert(named.length >= 8);
  for (const path of named.filter((path) => !path.startsWith("data:"))) {
    const answer = await get(path, { method: "HEAD" });
    assertEquals([path, answer.status], [path, 200]);
  }
});

Deno.test("the API is mounted: JSON, cookies, raw bodies and streams pass through", async () => {
  const studio = makeStudio();
  const get = appFor(studio);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ email: "a@example.org", password: "correct horse battery" });
  const made = await get("/api/auth/register", { method: "POST", headers, body });
  assertEquals(made.status, 201, await made.text());
  const cookie = made.headers.get("set-cookie")?.split(";")[0] ?? "";
  const me = await get("/api/auth/me", { headers: { cookie } });
  assertMatch(await me.text(), /"role":"operator"/);
  const stream = await get("/api/events", { headers: { cookie } });
  const reader = stream.body?.getReader();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "retry: 2000\n\n");
  await reader?.cancel();
  const missing = await get("/api/nothing");
  assertEquals([missing.status, missing.headers.get("content-type")], [404, "application/problem+json"]);
  assertMatch(missing.headers.get("content-security-policy") ?? "", /default-src 'self'/);
  await missing.body?.cancel();
});

Deno.test("what the API never sees is a problem below /api as well", async () => {
  const get = appFor(makeStudio());
  for (
    const [path, method, refused, is] of [
      ["/api/jobs/%ff", "GET", 404, "request.not_found"],
      ["/api/", "GET", 404, "request.not_found"],
      ["/api/jobs", "PROPFIND", 405, "request.method"],
    ] as const
  ) {
    const answer = await get(path, { method });
    const { code, status } = JSON.parse(await answer.text());
    assertEquals([path, answer.status, answer.headers.get("content-type"), code, status], [
      path,
      refused,
      "application/problem+json",
      is,
      refused,
    ]);
  }
  const broken = makeStudio();
  const long = await appFor(broken)(`/api/jobs/${"a".repeat(5000)}`);
  assertEquals([long.status, long.headers.get("content-type")], [401, "application/problem+json"]);
  await long.body?.cancel();
});

Deno.test("state changes through the mounted API are refused when another site started them", async () => {
  const headers = { "content-type": "application/json", origin: "https://evil.example" };
  const answer = await appFor(makeStudio())("/api/auth/login", { method: "POST", headers, body: "{}" });
  assertEquals(answer.status, 403);
  await answer.body?.cancel();
});
