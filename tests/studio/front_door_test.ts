/** The running server as a sender of raw requests meets it. */
import { start } from "@/main.ts";
import { assertEquals } from "@/tests/assert.ts";
import { configFor } from "@/tests/rig/rig.ts";
import { sendByWire } from "@/tests/rig/wire.ts";

async function* one(bytes: Uint8Array) {
  yield await Promise.resolve(bytes);
}

Deno.test("a body in chunks without a length is refused by pages and API, and with its length it is read", async () => {
  const dir = await Deno.makeTempDir();
  const running = await start(configFor(dir), { onFatal: () => {} });
  const body = new TextEncoder().encode(JSON.stringify({ email: "a@studio.example", password: "x" }));
  const ask = async (path: string, bytes: number | null) => {
    const request = { method: "POST", path, type: "application/json", bytes };
    const { status, headers } = await sendByWire(running.url, request, one(body));
    return [status, headers.get("content-type")];
  };
  try {
    assertEquals(await ask("/api/auth/login", null), [411, "application/problem+json"]);
    assertEquals((await ask("/", null))[0], 411);
    assertEquals(await ask("/api/auth/login", body.length), [401, "application/problem+json"]);
  } finally {
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
});
