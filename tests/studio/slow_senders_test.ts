/** Senders that hold on to their connections: others are served meanwhile, and who dawdles is given up. */
import { PACE_MS } from "@/api/upload_body.ts";
import { start } from "@/main.ts";
import { expectProblem, FILES, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { configFor } from "@/tests/rig/rig.ts";
import { z } from "zod";

const SLOW = 100;

/** Hands out what is pushed, and tells when the reader wants more. */
function dripping() {
  let wanted = Promise.withResolvers<void>();
  let give: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      give = controller;
      wanted.resolve();
    },
  }, { highWaterMark: 0 });
  return {
    stream,
    async push(bytes: Uint8Array) {
      await wanted.promise;
      wanted = Promise.withResolvers();
      give?.enqueue(bytes);
    },
    async end() {
      await wanted.promise;
      give?.close();
    },
    wanted: () => wanted.promise,
  };
}

Deno.test("an upload that brings less than 16 KB in a minute is given up and leaves nothing; one that is slow but comes goes on", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const newAsset = async () => {
    const { id } = await person.json(
      z.looseObject({ id: z.string() }),
      201,
      person.post("/assets", { name: "a.png" }),
    );
    return id;
  };
  const headers = { "content-type": "application/octet-stream", "content-length": "60000" };
  const drip = dripping();
  const slow = person.send("PUT", `/assets/${await newAsset()}/content`, { raw: drip.stream, headers });
  await drip.push(FILES.png);
  await drip.wanted();
  studio.clock.advance(PACE_MS - 1);
  await drip.push(new Uint8Array(1000));
  await drip.wanted();
  studio.clock.advance(1);
  await expectProblem(slow, 422, "asset.truncated");
  assertEquals([studio.kept.files.size, studio.clock.sleeping], [0, 0]);

  const steady = dripping();
  const good = person.send("PUT", `/assets/${await newAsset()}/content`, {
    raw: steady.stream,
    headers: { ...headers, "content-length": String(4 * 20_000) },
  });
  const first = new Uint8Array(20_000);
  first.set(FILES.png);
  for (const piece of [first, first, first, first]) {
    await steady.wanted();
    studio.clock.advance(PACE_MS - 1);
    await steady.push(piece);
  }
  await steady.end();
  assertEquals((await good).status, 200);
});

Deno.test("JSON that never comes to its end is given up after a minute, before anybody is looked up", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const drip = dripping();
  const headers = { "content-type": "application/json" };
  const answer = person.send("POST", "/auth/login", { raw: drip.stream, headers });
  await drip.push(new TextEncoder().encode('{"email":'));
  await drip.wanted();
  studio.clock.advance(PACE_MS);
  await expectProblem(answer, 400, "request.malformed");
});

Deno.test("a hundred connections that send their heads and bodies byte by byte keep nobody else from being served", async () => {
  const dir = await Deno.makeTempDir();
  const running = await start(configFor(dir), { onFatal: () => {} });
  const { hostname, port } = new URL(running.url);
  const open: Deno.Conn[] = [];
  try {
    const text = new TextEncoder();
    for (let n = 0; n < SLOW; n++) {
      const conn = await Deno.connect({ hostname, port: Number(port) });
      open.push(conn);
      const head = n % 2 === 0 ? "POST /api/auth/login HTTP/1.1\r\nhost: a\r\nx-" : [
        "POST /api/auth/login HTTP/1.1",
        "host: a",
        "content-type: application/json",
        "content-length: 100000",
        "",
        "{",
      ].join("\r\n");
      await conn.write(text.encode(head));
    }
    for (const path of ["/", "/api/auth/registration", "/login"]) {
      const answer = await fetch(`${running.url}${path}`);
      assertEquals([path, answer.status], [path, 200]);
      await answer.body?.cancel();
    }
    assert(open.length === SLOW);
  } finally {
    for (const conn of open) conn.close();
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
});
