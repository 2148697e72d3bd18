/** Downloads that break off: what is put together is one and the same file. */
import { openComfy } from "@/adapters/comfy/client.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { problemOf } from "@/core/problem.ts";
import { assertEquals } from "@/tests/assert.ts";
import { quietLog, SHORT } from "@/tests/contract/stub_bench.ts";

const FILE = { filename: "film.mp4", subfolder: "", type: "output" } as const;

/** As ComfyUI answers: a part comes whatever tag `If-Range` names. The first answer breaks off in the middle. */
function serve(tags: string[]) {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => undefined }, (request) => {
    const range = request.headers.get("range");
    const headers = { etag: tags.shift() ?? "", "content-length": range === null ? "8" : "4" };
    return new Response(ReadableStream.from([new TextEncoder().encode(range === null ? "half" : "full")]), {
      status: range === null ? 200 : 206,
      headers,
    });
  });
}

async function read(tags: string[]): Promise<string> {
  const server = serve(tags);
  const comfy = openComfy({
    id: "real",
    url: `http://127.0.0.1:${server.addr.port}`,
    authHeader: null,
    clock: systemClock(),
    ids: systemIds(),
    random: () => 0.5,
    log: quietLog,
    limits: SHORT,
  });
  try {
    return await new Response(await comfy.download(FILE)).text();
  } catch (thrown) {
    return problemOf(thrown).code;
  } finally {
    await comfy.close();
    await server.shutdown();
  }
}

Deno.test("download: a file that was replaced while it was read is given up, although the server sends the rest", async () => {
  assertEquals(await read(['"a"', '"a"']), "halffull");
  assertEquals(await read(['"a"', '"b"']), "comfy.output_missing");
});
