/** What browsers get to cut clips with. */
import { CUTTER } from "@/core/cutter.ts";
import { assertEquals, assertMatch } from "@/tests/assert.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { appFor } from "./app.ts";

const NAMES = ["worker.js", "const.js", "errors.js", "ffmpeg-core.js", "ffmpeg-core.wasm"];

Deno.test("the cutter's files come from this studio, may be kept for ever, and nothing else lies there", async () => {
  const get = appFor(makeStudio());
  for (const name of NAMES) {
    const answer = await get(CUTTER + name);
    assertEquals([name, answer.status], [name, 200]);
    assertMatch(answer.headers.get("cache-control") ?? "", /max-age=31536000, immutable/);
    assertMatch(answer.headers.get("content-security-policy") ?? "", /worker-src 'self'/);
    await answer.body?.cancel();
  }
  for (
    const path of [
      `${CUTTER}index.js`,
      `${CUTTER}..%2fpackage.json`,
      "/cutter/0.0.0/worker.js",
      `${CUTTER}toString`,
    ]
  ) {
    const answer = await get(path);
    assertEquals([path, answer.status], [path, 404]);
    await answer.body?.cancel();
  }
});

Deno.test("the cutter is sent compressed to whoever can read that", async () => {
  const get = appFor(makeStudio());
  const plain = await (await get(`${CUTTER}worker.js`)).text();
  const answer = await get(`${CUTTER}worker.js`, { headers: { "accept-encoding": "gzip, br" } });
  assertEquals(answer.headers.get("content-encoding"), "gzip");
  const opened = answer.body?.pipeThrough(new DecompressionStream("gzip"));
  assertEquals(await new Response(opened).text(), plain);
});

Deno.test("the cutter's address names the versions that are installed", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const version = (name: string) => String(imports[name]).split("@").at(-1);
  assertEquals(CUTTER, `/cutter/${version("@ffmpeg/ffmpeg")}-${version("@ffmpeg/core")}/`);
});
