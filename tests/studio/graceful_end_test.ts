/** The graceful end of the whole server: requests under way are answered, and one that never ends holds nothing up. */
import { z } from "zod";
import { start } from "@/main.ts";
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

Deno.test("[XC20] a request that never ends holds the end up for seconds only", async () => {
  const dir = await Deno.makeTempDir();
  const running = await start(configFor(dir), { onFatal: () => {} });
  const person = await new Person(running.url).register();
  const { id, send } = await slowUpload(person, running.url);
  const upload = id.then(() => null, (thrown: unknown) => thrown);
  await until(() => stores(dir));
  await running.stop();
  send();
  assert(await upload instanceof Error, "the sender learns that it was not kept");
  await running.ended;
  await Deno.remove(dir, { recursive: true });
});
