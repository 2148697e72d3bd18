/** The server side of islands: markers, data, scripts, preloads, and what is refused. */
import { App, csp, staticFiles } from "fresh";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const ROOT = `${Deno.cwd()}/tests/fixtures/islands`;

function open() {
  const run = new App({ root: ROOT }).use(csp()).use(staticFiles()).fsRoutes().handler();
  return (path: string, init?: RequestInit) => run(new Request(`http://x${path}`, init));
}

Deno.test("a page without islands has no script at all", async () => {
  const html = await (await open()("/plain")).text();
  assertMatch(html, /<p>plain<\/p>/);
  assert(!/<script|modulepreload/.test(html));
});

Deno.test("a page with islands names and preloads each script once, and they are served compressed for a year", async () => {
  const get = open();
  const html = await (await get("/")).text();
  assertMatch(html, /<!--frsh:island:Counter:0:--><p class="counter">.*<!--\/frsh:island-->/);
  const scripts = [...html.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => match[1]);
  const preloads = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)"/g)].map((match) => match[1]);
  assertEquals(scripts.length, 1);
  assertEquals(preloads.length, 2);
  assert(preloads.includes(scripts[0]));
  for (const path of preloads) {
    const answer = await get(path ?? "", { headers: { "accept-encoding": "gzip, deflate, br" } });
    assertEquals([answer.status, answer.headers.get("content-encoding")], [200, "br"]);
    assertEquals(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
    await answer.body?.cancel();
  }
});
