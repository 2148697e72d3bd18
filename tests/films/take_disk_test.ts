/** Disk that a long take needs while it is made: what nothing needs any more goes at once, where nobody wished to keep it. */
import { ShownTake } from "@/api/take_schemas.ts";
import { until } from "@/tests/db/fixtures.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig, type Rig } from "@/tests/rig/rig.ts";

const PIECES = 3;
/** Largest temporary disk, in pairs of passes, besides the pieces that the film is made of so far. */
const PAIRS_MAX = 1;

/** Bytes of a take's large files that are in storage now, by kind. */
async function stored({ house }: Rig, id: string): Promise<{ latents: number; clips: number }> {
  const sums = { latent: 0, clip: 0 };
  for (const { outputs } of await house.store.steps(id)) {
    for (const { role, sha256, ext } of outputs) {
      if (role !== "latent" && role !== "clip") continue;
      sums[role] += (await house.storage.stat(`${sha256}.${ext}`))?.bytes ?? 0;
    }
  }
  return { latents: sums.latent, clips: sums.clip };
}

Deno.test("[PR53] a take that keeps nothing holds one latent at a time beside its pieces, and none of them beside its film", async () => {
  await using rig = await openRig();
  const { person, house, accepted } = rig;
  const { id } = await person.create({
    mode: "take",
    prompt: "A slow walk along a foggy harbour",
    settings: {
      width: 128,
      height: 128,
      preset: "fast",
      seed: "7",
      frames: 5 * PIECES,
      stopAfterFirstPass: true,
    },
    take: { chunk: 5, keep: false },
  });
  for (const high of ["high-001", "high-003", "high-005"]) {
    const waiting = await person.waitFor(
      id,
      ({ steps }) => steps.some(({ id, state }) => id === high && state === "waiting_for_person"),
    );
    assertEquals(ShownTake.parse(waiting.take).ends, [1, 2], "the pieces so far are there");
    const own = (await house.store.steps(id)).find((row) => row.id === high)?.outputs ?? [];
    const pair = own.find(({ role }) => role === "latent")?.bytes ?? 0;
    // Letting go is work of its own, which comes after the step.
    await until(async () => (await stored(rig, id)).latents <= PAIRS_MAX * pair);
    const now = await stored(rig, id);
    assertEquals(now.latents, pair, high);
    assertEquals(now.clips > 0, high !== "high-001");
    await person.command(id, "approve", { step: high, take: 0 });
  }
  const ended = await person.waitForEnd(id);
  assertEquals(ShownTake.parse(ended.take).ends, []);
  assertEquals([ended.status, ended.problem, accepted.length], ["completed", null, 2 * PIECES]);
  await until(async () => Object.values(await stored(rig, id)).every((bytes) => bytes === 0));
  const film = await person.send("GET", ended.outputs[0]?.url.replace(/^\/api/, "") ?? "");
  assert(film.ok && (await film.arrayBuffer()).byteLength > 1000);
});
