/** Long takes that are cut off: by kill -9 at each kind of step, by failures, and by files that are damaged. */
import { truncate } from "node:fs/promises";
import { assert, assertEquals } from "@/tests/assert.ts";
import { startStudio } from "@/tests/chaos/processes.ts";
import { Person } from "@/tests/rig/person.ts";
import { openDraft, openRig } from "@/tests/rig/rig.ts";

const TAKE = {
  mode: "take",
  prompt: "A slow walk along a foggy harbour",
  settings: { width: 128, height: 128, preset: "fast", seed: "7", frames: 17 },
  take: { chunk: 9 },
};
const PASSES = 4;
const ACTIVE = ["granted", "running", "collecting"];

Deno.test("[PR31] kill -9 at a render and at the join goes on at that step, and nothing is rendered twice", async () => {
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { stepMs: 60, accepted });
  const env = { DRAFT_URL: draft.url, LEASE_MS: "1200", SWEEP_MS: "300" };
  let studio = await startStudio(`${dir}/data`, env);
  try {
    let person = await new Person(studio.url).register();
    const { id } = await person.create(TAKE);
    for (const kind of ["low-002", "join"]) {
      const at = await person.waitFor(
        id,
        ({ steps }) => ACTIVE.includes(steps.find((step) => step.id === kind)?.state ?? ""),
      );
      studio.signal("SIGKILL");
      await studio.gone;
      assertEquals(at.status === "completed", false);
      studio = await startStudio(`${dir}/data`, env);
      person = await new Person(studio.url).logIn();
    }
    const ended = await person.waitForEnd(id);
    assertEquals([ended.status, ended.problem], ["completed", null]);
    assertEquals(ended.steps.filter(({ take }) => take > 0), []);
    assertEquals([accepted.length, new Set(accepted).size], [PASSES, PASSES]);
  } finally {
    studio.signal("SIGTERM");
    await studio.gone;
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("[PR31] after a failure only what is missing is made again: a latent that was cut off, and what failed", async () => {
  await using rig = await openRig({ env: { RETRY_BASE_MS: "1" } });
  const { person, house, draft, accepted } = rig;
  const { id } = await person.create({ ...TAKE, settings: { ...TAKE.settings, stopAfterFirstPass: true } });
  const waits = (step: string) =>
    person.waitFor(id, ({ approvals }) => JSON.stringify(approvals ?? []).includes(step));
  await waits("high-001");
  await person.command(id, "approve", { step: "high-001", take: 0 });
  await waits("high-003");
  for (let n = 0; n < 4; n++) await draft.obey({ do: "next", fault: "error", count: 1 });
  await person.command(id, "approve", { step: "high-003", take: 0 });
  assertEquals((await person.waitForEnd(id)).status, "failed");
  const before = accepted.length;
  const rows = await house.store.steps(id);
  const latent = rows.find((row) => row.id === "high-003")?.outputs.find(({ role }) => role === "latent");
  assert(latent);
  await truncate(await house.storage.localPath(`${latent.sha256}.${latent.ext}`), 100);
  await person.command(id, "retry");
  // Made again, the high pass waits for its approval once more.
  const again = await person.waitFor(
    id,
    ({ run, approvals, status }) =>
      run === 2 && (JSON.stringify(approvals ?? []).includes("high-003") || status === "completed"),
  );
  if (again.status !== "completed") await person.command(id, "approve", { step: "high-003", take: 0 });
  const ended = await person.waitForEnd(id);
  assertEquals([ended.status, ended.problem], ["completed", null]);
  assertEquals(accepted.length - before, 2);
});
