/** The graceful end of the whole server: requests under way are answered, and one that never ends holds nothing up. */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { startMail } from "@/api/admission.ts";
import { start } from "@/main.ts";
import { lockFolder } from "@/studio/lock.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { Person } from "@/tests/rig/person.ts";
import { configFor } from "@/tests/rig/rig.ts";
import { uploadByWire } from "@/tests/rig/wire.ts";

const CHARACTER = new URL("../../static/samples/character.png", import.meta.url);

/** An upload whose second half is sent when the test says so. */
async function slowUpload(person: Person, url: string): Promise<{ id: Promise<string>; send(): void }> {
  const bytes = await Deno.readFile(CHARACTER);
  const rest = Promise.withResolvers<void>();
  async function* halves() {
    yield bytes.slice(0, 20_000);
    await rest.promise;
    yield bytes.slice(20_000);
  }
  const id = uploadByWire(person, { url, name: "character.png", bytes: bytes.length }, halves());
  return { id, send: rest.resolve };
}

/** The server is in the middle of storing. */
async function stores(dir: string): Promise<boolean> {
  return (await Array.fromAsync(Deno.readDir(`${dir}/files/parts`))).length > 0;
}

const Assets = z.looseObject({ items: z.array(z.looseObject({ id: z.string(), state: z.string() })) });

Deno.test("[XC20] a request under way when the end comes is answered and kept, and no new one is taken", async () => {
  const dir = await Deno.makeTempDir();
  const running = await start(configFor(dir), { onFatal: () => {} });
  const person = await new Person(running.url).register();
  const { id: upload, send } = await slowUpload(person, running.url);
  await until(() => stores(dir));
  const stopped = running.stop();
  const late = await fetch(`${running.url}/api/health`, { headers: { connection: "close" } }).then(
    (answer) => (answer.body?.cancel(), true),
    () => false,
  );
  send();
  const id = await upload;
  await stopped;
  assertEquals(late, false, "a new connection is refused");

  const next = await start(configFor(dir), { onFatal: () => {} });
  const again = await new Person(next.url).logIn();
  const { items } = await again.json(Assets, "GET", "/assets");
  assertEquals(items.map((item) => [item.id, item.state]), [[id, "ready"]]);
  await next.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test({
  name: "[XC20] a request that never ends is cut, and the engine ends meanwhile and not after it",
  // The runtime never ends the read of a body that was cancelled while it waited.
  sanitizeOps: false,
  async fn() {
    const dir = await Deno.makeTempDir();
    const running = await start(configFor(dir), { onFatal: () => {} });
    const person = await new Person(running.url).register();
    const cast = await person.bringCast();
    const animate = { mode: "animate", submode: "move", prompt: "A dancer" };
    const assets = { groundTruth: cast.character, motionVideo: cast.drive };
    const job = await person.create({ ...animate, assets, start: false });
    const { id, send } = await slowUpload(person, running.url);
    const upload = id.then(() => null, (thrown: unknown) => thrown);
    await until(() => stores(dir));
    const stopped = running.stop();
    await running.house.studio.tell([startMail(job.id)]);
    assert(await upload instanceof Error, "the sender learns that it was not kept");
    send();
    await stopped;
    await running.ended;
    assertEquals((await Array.fromAsync(Deno.readDir(`${dir}/files/parts`))).length, 0);
    const db = new DatabaseSync(`${dir}/studio.db`, { readOnly: true });
    const row = db.prepare("select status from jobs where id = ?").get(job.id);
    const open = db.prepare("select count(*) as n from mail where actor_id = ? and done_at is null").get(
      job.id,
    );
    db.close();
    assertEquals(
      [row?.status, open?.n],
      ["created", 1],
      "mail that comes during the end stays for the next start",
    );
    await Deno.remove(dir, { recursive: true });
  },
});

/** The studio as a process that gets a signal as soon as the condition holds: its exit code and its complaints. */
async function endWhen(dir: string, holds: () => Promise<boolean>): Promise<[number, string]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("../../main.ts", import.meta.url).href],
    // A machine without ffmpeg is warned of; that is no complaint about the end.
    env: { DATA_DIR: dir, PORT: "0", LOG_LEVEL: "warn", MEDIA_ENGINE: "wasm" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await until(holds, 30_000);
  child.kill("SIGTERM");
  const { code, stderr } = await child.output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("[XC20] a signal while the studio still opens is obeyed: it ends with code 0 and leaves nothing running", async () => {
  const dir = await Deno.makeTempDir();
  const opens = () => Deno.stat(`${dir}/studio.lock`).then(() => true, () => false);
  assertEquals(await endWhen(dir, opens), [0, ""]);
  // Nobody holds the folder, and the next start finds a whole database.
  (await lockFolder(dir)).release();
  const next = await start(configFor(dir), { onFatal: () => {} });
  await next.stop();
  await Deno.remove(dir, { recursive: true });
});
