/** The socket of the ComfyUI client notices dead links by its own pings, and backs off without marching in step. */
// @ts-types="./ws_server_types.d.ts"
import { WebSocketServer } from "ws";
import { LIMITS } from "@/adapters/comfy/limits.ts";
import { backoff, Link } from "@/adapters/comfy/socket.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { quietLog } from "@/tests/contract/stub_bench.ts";

async function until(holds: () => boolean, limitMs = 8000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    assert(performance.now() < end, "took too long");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A server that answers pings or not, and the client ids that came. */
async function serve(autoPong: boolean, pingMs = 15) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", autoPong });
  await new Promise<void>((resolve) => server.on("listening", resolve));
  const ids: string[] = [];
  let pings = 0;
  const frames: string[] = [];
  server.on("connection", (socket, request) => {
    ids.push(new URL(request.url ?? "", "ws://x").searchParams.get("clientId") ?? "");
    socket.on("ping", () => pings += 1);
    socket.on("message", (data) => frames.push(data.toString()));
    socket.send(JSON.stringify({ type: "status", data: {} }));
  });
  const link = new Link({
    address: (id) => `ws://127.0.0.1:${server.address().port}/ws?clientId=${id}`,
    headers: {},
    clock: systemClock(),
    random: () => 0.5,
    log: quietLog,
    limits: { ...LIMITS, pingMs, backoffMs: { first: 1, most: 5 } },
    nextId: () => crypto.randomUUID(),
    onFrame() {},
    onUp() {},
    onDown() {},
    onRefused() {},
  });
  const close = async () => {
    await link.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { link, ids, frames, pings: () => pings, close };
}

Deno.test("socket: a link whose pings stay unanswered is replaced under a fresh id", async () => {
  const { link, ids, close } = await serve(false);
  await link.ready();
  await until(() => ids.length >= 2);
  assert(ids[0] !== ids[1]);
  await close();
});

Deno.test("socket: a link whose pings are answered stays", async () => {
  // Long enough that an answer is there in time, however busy the machine is.
  const { link, ids, pings, close } = await serve(true, 400);
  await link.ready();
  await until(() => pings() >= 2);
  assertEquals([ids.length, link.clientId], [1, ids[0] ?? null]);
  await close();
});

Deno.test("socket: the first frame asks for previews with metadata", async () => {
  const { link, frames, close } = await serve(true, 400);
  await link.ready();
  await until(() => frames.length > 0);
  assertEquals(JSON.parse(frames[0] ?? ""), {
    type: "feature_flags",
    data: { supports_preview_metadata: true },
  });
  await close();
});

Deno.test("socket: waits grow to a most, with jitter of 30 % either way", () => {
  const limit = { first: 500, most: 30_000 };
  assertEquals([1, 2, 3, 10, 99].map((fails) => backoff(fails, limit, () => 0.5)), [
    500,
    1000,
    2000,
    30_000,
    30_000,
  ]);
  assertEquals([backoff(1, limit, () => 0), backoff(1, limit, () => 1)], [350, 650]);
});
