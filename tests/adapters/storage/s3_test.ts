/** The storage suite on a bucket, and what only storage elsewhere has: copies here that come and go, and a store that fails. */
import { problemOf } from "@/core/problem.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { open } from "./open_s3.ts";
import { testStorage } from "./suite.ts";

testStorage("s3", import.meta.resolve("./open_s3.ts"), import.meta.resolve("./open_s3_forgetful.ts"));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

async function dropCopy(dir: string, name: string): Promise<void> {
  await Deno.remove(`${dir}/copies/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`);
}

Deno.test("s3: a file whose copy is gone is read from the bucket, whole and in part, and copied again for programs", async () => {
  await using suite = await open();
  const { storage, store, dir } = suite;
  const { name } = await storage.put(bytesOf("a film of ten pieces"), { ext: "mp4" });
  await dropCopy(dir, name);
  assertEquals(await textOf(await storage.read(name)), "a film of ten pieces");
  assertEquals(await textOf(await storage.read(name, { start: 2, end: 5 })), "film");
  await assertRejects(
    () => storage.read(name, { start: 20, end: 30 }),
    (thrown) => assertEquals(problemOf(thrown).code, "request.range"),
  );
  const before = store.asked.length;
  const paths = await Promise.all([storage.localPath(name), storage.localPath(name)]);
  assertEquals(await Deno.readTextFile(paths[0] ?? ""), "a film of ten pieces");
  assertEquals([paths[0] === paths[1], store.asked.length - before], [true, 1], "it came once");
});

Deno.test("s3: what comes back changed from the bucket is refused and not kept", async () => {
  await using suite = await open();
  const { storage, dir, damage, leftovers } = suite;
  const { name } = await storage.put(bytesOf("a film"), { ext: "mp4" });
  await dropCopy(dir, name);
  await damage(name);
  await assertRejects(
    () => storage.localPath(name),
    (thrown) => assertEquals(problemOf(thrown).code, "storage.failed"),
  );
  assertEquals(await leftovers(), []);
});

Deno.test("s3: a store that refuses keeps nothing here, tells why, and a film being taken over stays where it was", async () => {
  await using suite = await open();
  const { storage, store, leftovers } = suite;
  store.fault = "refuses";
  const scratch = await storage.scratch("film");
  await Deno.writeTextFile(scratch.path("film.mp4"), "a film");
  for (
    const act of [
      () => storage.put(bytesOf("a film"), { ext: "mp4" }),
      () => storage.adopt(scratch.path("film.mp4"), { ext: "mp4" }),
    ]
  ) {
    await assertRejects(act, (thrown) => {
      const { code, operator = "" } = problemOf(thrown);
      assertEquals(code, "storage.failed");
      assert(operator.includes("403"), operator);
    });
  }
  assertEquals([await leftovers(), await Deno.readTextFile(scratch.path("film.mp4"))], [[], "a film"]);
  store.fault = "none";
  const { name } = await storage.adopt(scratch.path("film.mp4"), { ext: "mp4" });
  assertEquals(await storage.stat(name), { bytes: 6 });
  await scratch.release();
});

Deno.test("s3: copies beyond the limit go, those first that were not used for longest; the bucket keeps all", async () => {
  await using suite = await open({ bytesMax: 12 });
  const { storage, dir } = suite;
  const names: string[] = [];
  for (const [at, text] of ["first", "second", "third"].entries()) {
    const { name } = await storage.put(bytesOf(text), { ext: "txt" });
    const age = new Date(Date.now() - (10 - at) * 60_000);
    await Deno.utime(await storage.localPath(name), age, age);
    names.push(name);
  }
  await storage.localPath(names[0] ?? "");
  await storage.sweepParts();
  const here = await Promise.all(
    names.map((name) =>
      Deno.stat(`${dir}/copies/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`).then(() => true, () => false)
    ),
  );
  assertEquals(here, [true, false, true]);
  assertEquals(await textOf(await storage.read(names[1] ?? "")), "second");
});
