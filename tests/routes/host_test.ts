/** Whose name a request names, and what is kept of what people were shown. */
import { z } from "zod";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { appFor, openSignedIn } from "./app.ts";

const Problem = z.looseObject({ code: z.string(), status: z.int() });

Deno.test("[XC23] a page that makes its own name lead here reads nothing, makes no account, and is told what to do", async () => {
  const studio = makeStudio();
  const get = appFor(studio);
  const ask = (path: string, init: RequestInit = {}) => get(`.evil.example:8631${path}`, init);
  const body = JSON.stringify({ email: "eve@evil.example", password: "a long passphrase" });
  const headers = { origin: "http://studio.test.evil.example:8631", "content-type": "application/json" };
  for (const path of ["/api/auth/register", "/api/health", "/api/openapi.json"]) {
    const post = path.endsWith("register");
    const answer = await ask(path, post ? { method: "POST", body, headers } : { headers });
    const problem = Problem.parse(await answer.json());
    assertEquals([path, answer.status, problem.code], [path, 421, "request.host"]);
  }
  for (const path of ["/", "/register", "/metrics", "/nothing/here"]) {
    const answer = await ask(path);
    assertEquals([path, answer.status], [path, 421]);
    assertMatch(await answer.text(), /PUBLIC_URL/);
  }
  assertEquals(await studio.accounts.count(), 0);
});

Deno.test("what a signed-in person is shown is kept by nobody; what everybody is shown may be", async () => {
  const { operator, mika } = await openSignedIn();
  for (const path of ["/dashboard", "/settings", "/nothing/here"]) {
    assertMatch((await mika.open(path)).headers.get("cache-control") ?? "", /no-store/);
  }
  assertMatch(
    (await operator.open("/admin/people")).headers.get("cache-control") ?? "",
    /^private, no-store$/,
  );
});

Deno.test("strangers' forms leave one short line each, and soon none", async () => {
  const { studio, mika } = await openSignedIn();
  mika.origin = "https://evil.example";
  studio.kept.logs.length = 0;
  for (let n = 0; n < 20; n++) assertEquals((await mika.post("/logout", {})).status, 403);
  const lines = studio.kept.logs.filter((line) => line.includes("request.cross_site"));
  assertEquals(lines.length, 3);
  assert(lines.every((line) => line.length < 120 && !line.includes("Error")), lines[0]);
  assertEquals(studio.kept.logs.some((line) => line.startsWith("page failed")), false);
});
