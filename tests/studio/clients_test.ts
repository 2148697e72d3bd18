/** The clients of render servers that one process holds: one for each address, as far as the others know. */
import { makeVault } from "@/adapters/auth/vault.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { Secret } from "@/core/config.ts";
import { fresh, openClients } from "@/studio/backends.ts";
import { assertEquals } from "@/tests/assert.ts";
import { silent } from "@/tests/rig/rig.ts";
import { serveFacts } from "@/tests/rig/telling_server.ts";

Deno.test("a client counts on from the restarts that another process noticed, and forgets none of its own", async () => {
  await using server = serveFacts({});
  const clients = openClients({
    clock: systemClock(),
    ids: systemIds(),
    random: Math.random,
    log: silent,
    authHeader: () => null,
    vault: makeVault(new Secret("key"), "servers"),
    stuckMs: 1000,
    secrets: [],
  });
  const row = fresh({ id: "one", url: server.url, engine: "comfy" });
  const told: number[] = [];
  for (const epoch of [1, 3, 2]) told.push((await clients.comfyFor({ ...row, epoch }).status()).epoch);
  assertEquals(told, [1, 3, 3]);
  await clients.close();
});
