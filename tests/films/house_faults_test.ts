/** What may happen to the house itself, and to all of its servers: work waits or moves, and nothing runs twice without cause. */
import { fail } from "@/core/problem.ts";
import { openDraft, openHouseAt, openRig, personAt } from "@/tests/rig/rig.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

function assertSent(accepted: string[], count: number): void {
  assertEquals(accepted.length, count, `prompts sent: ${accepted.join(", ")}`);
  assertEquals(new Set(accepted).size, count, "one prompt was sent twice");
}

Deno.test("with no server reachable at the start a job queues, says so, and runs when one is there", async () => {
  await using end = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  end.defer(() => Deno.remove(dir, { recursive: true }));
  const accepted: string[] = [];
  const { port, url, close } = await openDraft(`${dir}/draft`);
  await close();
  const house = await openHouseAt(`${dir}/data`, { DRAFT_URL: url });
  end.defer(house.close);
  const person = await personAt(house).register();
  const job = await person.perform(await person.bringCast(), { seconds: 0.5 });
  const waiting = await person.waitFor(job.id, ({ status }) => status === "queued");
  assertMatch(waiting.stage, /waits for a render server|render server does not answer\. The job waits/);
  assertSent(accepted, 0);
  const draft = await openDraft(`${dir}/draft`, { port, accepted });
  end.defer(draft.close);
  assertEquals((await person.waitForEnd(job.id)).status, "completed");
  assertSent(accepted, 1);
});

Deno.test("a server lost for good between two parts: the film goes on with another one, from our own files", async () => {
  await using end = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  end.defer(() => Deno.remove(dir, { recursive: true }));
  const accepted = { one: [] as string[], two: [] as string[] };
  const one = await openDraft(`${dir}/one`, { accepted: accepted.one });
  const two = await openDraft(`${dir}/two`, { accepted: accepted.two });
  const open = new Set([one, two]);
  end.defer(async () => {
    for (const draft of open) await draft.close();
  });
  const house = await openHouseAt(`${dir}/data`, {
    COMFY_URLS: `${one.url},${two.url}`,
    COMFY_DOWN_SECONDS: "1",
  });
  end.defer(house.close);
  const person = await personAt(house).register();
  const job = await person.perform(await person.bringCast(), { seconds: 5.1 });
  await person.waitFor(
    job.id,
    ({ steps }) => steps.some(({ id, state }) => id === "chunk-001" && state === "done"),
  );
  const rows = await house.store.steps(job.id);
  const first = rows.find((row) => row.id === "chunk-001")?.backendId;
  const url = (await house.store.backends()).find((row) => row.id === first)?.url;
  const [lost, left] = url === one.url ? [one, two] : [two, one];
  open.delete(lost);
  await lost.close();
  const done = await person.waitForEnd(job.id);
  assertEquals(done.status, "completed");
  const second = (await house.store.steps(job.id)).find((row) => row.id === "chunk-002")?.backendId;
  assert(second !== first, "the second part ran on the lost server");
  const all = [...accepted.one, ...accepted.two];
  assertEquals(new Set(all).size, all.length, "one prompt was sent twice");
  assertEquals((left === one ? accepted.one : accepted.two).length, 1);
});

Deno.test("a full disk holds work up and fails nothing: what was rendered is fetched when there is room", async () => {
  await using rig = await openRig();
  const { person, house, accepted } = rig;
  const cast = await person.bringCast();
  const { put } = house.storage;
  let refused = 0;
  house.storage.put = async (content) => {
    refused++;
    if (content instanceof ReadableStream) await content.cancel();
    throw fail("storage.full");
  };
  const job = await person.perform(cast, { seconds: 0.5 });
  await person.waitFor(job.id, () => refused > 0);
  const waiting = await person.job(job.id);
  assertEquals([waiting.problem, waiting.status === "failed"], [null, false]);
  house.storage.put = put;
  assertEquals((await person.waitForEnd(job.id)).status, "completed");
  assertSent(accepted, 1);
});

const HOLD = `
import { DatabaseSync } from "node:sqlite";
const file = new DatabaseSync(Deno.args[0], { timeout: 5000 });
file.exec("begin immediate");
console.log("held");
await new Promise((wake) => setTimeout(wake, 3000));
file.exec("rollback");
file.close();
`;

Deno.test("a database that another process holds for three seconds delays a job and breaks nothing", async () => {
  await using rig = await openRig();
  const { person, house, dir, accepted } = rig;
  const cast = await person.bringCast();
  const job = await person.perform(cast, { seconds: 0.5 });
  const script = `${dir}/hold.ts`;
  await Deno.writeTextFile(script, HOLD);
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", script, `${dir}/data/studio.db`],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const done = await person.waitForEnd(job.id);
  assertEquals(done.status, "completed");
  assert((await holder.status).success);
  assertSent(accepted, 1);
  const { deadletters, slots } = await house.store.inspect();
  assertEquals([deadletters, slots], [[], []]);
});

Deno.test("the wake-up file may vanish, while the studio runs and between two runs", async () => {
  await using end = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  end.defer(() => Deno.remove(dir, { recursive: true }));
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { accepted });
  end.defer(draft.close);
  const env = { DRAFT_URL: draft.url, WAKE: "kv" };
  const loseFile = async () => {
    for await (const { name } of Deno.readDir(`${dir}/data`)) {
      if (name.startsWith("wake.kv")) await Deno.remove(`${dir}/data/${name}`);
    }
  };
  const first = await openHouseAt(`${dir}/data`, env);
  let person = await personAt(first).register();
  const cast = await person.bringCast();
  const before = await person.perform(cast, { seconds: 0.5, seed: "1" });
  await loseFile();
  assertEquals((await person.waitForEnd(before.id)).status, "completed");
  const between = await person.perform(cast, { seconds: 0.5, seed: "2" });
  await first.close();
  await loseFile();
  const second = await openHouseAt(`${dir}/data`, env);
  end.defer(second.close);
  person = await personAt(second).logIn();
  assertEquals((await person.waitForEnd(between.id)).status, "completed");
  assertSent(accepted, 2);
});
