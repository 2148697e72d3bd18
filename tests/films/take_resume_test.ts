/** Long takes that are cut off: by kill -9 at each kind of step, by failures, and by files that are damaged. */
import { truncate } from "node:fs/promises";
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { startStudio } from "@/tests/chaos/processes.ts";
import { Person } from "@/tests/rig/person.ts";
import { openDraft, openHouseAt, openRig, personAt } from "@/tests/rig/rig.ts";

const TAKE = {
  mode: "take",
  prompt: "A slow walk along a foggy harbour",
  settings: { width: 128, height: 128, preset: "fast", seed: "7", frames: 17 },
  take: { chunk: 9 },
};
const PASSES = 4;
const ACTIVE = ["granted", "running", "collecting"];

Deno.test("[PR31] kill -9 at each pass, at the gate between them and at the join goes on at that step, and nothing is rendered twice", async () => {
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { stepMs: 60, accepted });
  const env = { DRAFT_URL: draft.url, LEASE_MS: "1200", SWEEP_MS: "300" };
  let studio = await startStudio(`${dir}/data`, env);
  try {
    let person = await new Person(studio.url).register();
    const settings = { ...TAKE.settings, stopAfterFirstPass: true };
    const { id } = await person.create({ ...TAKE, settings });
    const waiting = ["waiting_for_person"];
    for (
      const [kind, states] of [["high-001", ACTIVE], ["high-001", waiting], ["low-002", ACTIVE], [
        "join",
        ACTIVE,
      ]] as const
    ) {
      const at = await person.waitFor(
        id,
        ({ steps }) => states.includes(steps.find((step) => step.id === kind)?.state ?? ""),
      );
      assertEquals(at.status === "completed", false);
      studio.signal("SIGKILL");
      await studio.gone;
      studio = await startStudio(`${dir}/data`, env);
      person = await new Person(studio.url).logIn();
      // Who waited waits again; the second piece is not looked at by this test.
      if (states === waiting) await person.command(id, "approve", { step: kind, take: 0 });
      if (kind !== "low-002") continue;
      await person.waitFor(
        id,
        ({ steps }) => steps.some((step) => step.id === "high-003" && step.state === waiting[0]),
      );
      await person.command(id, "approve", { step: "high-003", take: 0 });
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

const History = z.record(
  z.string(),
  z.looseObject({
    status: z.looseObject({
      messages: z.array(z.tuple([z.string(), z.looseObject({ timestamp: z.number() })])),
    }),
  }),
);

/** When each prompt of a server ran, in order. */
async function spansOf(url: string): Promise<{ id: string; from: number; to: number }[]> {
  const history = History.parse(await (await fetch(`${url}/history`)).json());
  return Object.entries(history).map(([id, { status: { messages } }]) => {
    const at = (name: string) => messages.find(([said]) => said === name)?.[1].timestamp ?? NaN;
    return { id, from: at("execution_start"), to: at("execution_success") };
  }).toSorted((a, b) => a.from - b.from);
}

Deno.test("[PR43] [PR44] on two servers passes of different takes overlap, one prompt at a time on each; when one dies the other makes the rest", async () => {
  await using end = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  end.defer(() => Deno.remove(dir, { recursive: true }));
  const servers = [
    await openDraft(`${dir}/one`, { stepMs: 150 }),
    await openDraft(`${dir}/two`, { stepMs: 150 }),
  ];
  const open = new Set(servers);
  end.defer(async () => {
    for (const server of open) await server.close();
  });
  const urls = servers.map(({ url }) => url);
  const house = await openHouseAt(`${dir}/data`, { COMFY_URLS: urls.join(), COMFY_DOWN_SECONDS: "1" });
  end.defer(house.close);
  const person = await personAt(house).register();
  const runs = (id: string, step: string) =>
    person.waitFor(id, ({ steps }) => steps.some((one) => one.id === step && one.state === "running"));
  const first = await person.create(TAKE);
  await runs(first.id, "low-002");
  const second = await person.create({ ...TAKE, settings: { ...TAKE.settings, seed: "8" } });
  await runs(second.id, "high-003");
  const rows = [...await house.store.steps(first.id), ...await house.store.steps(second.id)];
  const passOf = new Map(rows.map((row) => [row.promptId ?? "", row.id.split("-")[0]]));
  const spans = await Promise.all(urls.map(spansOf));
  for (const own of spans) {
    assert(
      own.every(({ from }, at) => from >= (own[at - 1]?.to ?? 0)),
      "two prompts ran at once on one server",
    );
  }
  const [ones = [], twos = []] = spans;
  const overlaps = ones.flatMap((one) =>
    twos.filter(({ from, to }) => from < one.to && one.from < to).map(({ id }) => [one.id, id])
  );
  assert(overlaps.some(([a = "", b = ""]) => passOf.get(a) !== passOf.get(b)), JSON.stringify(spans));
  const running = (await house.store.steps(second.id)).find(({ id }) => id === "high-003")?.backendId;
  const lost = (await house.store.backends()).find(({ id }) => id === running)?.url;
  for (const server of servers.filter(({ url }) => url === lost)) {
    open.delete(server);
    await server.close();
  }
  for (const { id } of [first, second]) {
    const ended = await person.waitForEnd(id, 60_000);
    assertEquals([ended.status, ended.problem], ["completed", null]);
  }
  const after = await house.store.steps(second.id);
  for (const step of ["high-003", "low-004"]) {
    assert(after.find(({ id }) => id === step)?.backendId !== running, step);
  }
});
