/** What every storage must do, whatever holds the bytes. */
import { createHash } from "node:crypto";
import type { Storage } from "@/core/ports.ts";
import { type ProblemCode, problemOf } from "@/core/problem.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

export interface SuiteStorage extends AsyncDisposable {
  storage: Storage;
  /** Changes bytes of a stored file behind the storage's back. */
  damage(name: string): Promise<void>;
  /** Names of everything that lies there unfinished. */
  leftovers(): Promise<string[]>;
}

/** No file is younger. */
const LATER = Number.MAX_SAFE_INTEGER;
const TEXT = new TextEncoder().encode("a small file of a studio");

/** `opener` is the address of a module whose `open` gives a storage of this kind; another process opens one, too, perhaps by another module. */
export function testStorage(kind: string, opener: string, lean = opener): void {
  const test = (rule: string, run: (suite: SuiteStorage) => Promise<void>) =>
    Deno.test(`${kind}: ${rule}`, async () => {
      const { open }: { open: () => Promise<SuiteStorage> } = await import(opener);
      await using suite = await open();
      await run(suite);
    });
  testContent(test);
  testStaging(test);
  testRefusals(test);
  testSizes(test);
  testMemory(kind, lean);
}

type Test = (rule: string, run: (suite: SuiteStorage) => Promise<void>) => void;

function testContent(test: Test): void {
  test("[XC14] a file is named by its content and read back whole", async ({ storage }) => {
    const stored = await storage.put(TEXT, { ext: "txt" });
    const sha256 = createHash("sha256").update(TEXT).digest("hex");
    assertEquals(stored, { name: `${sha256}.txt`, sha256, ext: "txt", bytes: TEXT.length });
    assertEquals(await readAll(await storage.read(stored.name)), TEXT);
    assertEquals(await storage.stat(stored.name), { bytes: TEXT.length });
    assertEquals(await Deno.readFile(await storage.localPath(stored.name)), TEXT);
  });

  test("a stream of chunks and the same bytes at once are one file", async ({ storage }) => {
    const chunks = streamOf([TEXT.subarray(0, 5), TEXT.subarray(5, 6), TEXT.subarray(6)]);
    const [a, b] = [await storage.put(chunks, { ext: "txt" }), await storage.put(TEXT, { ext: "txt" })];
    assertEquals(a, b);
    assertEquals((await listNames(storage)).length, 1);
  });

  test("two uploads of the same content at the same time both succeed", async ({ storage, leftovers }) => {
    const puts = Array.from({ length: 8 }, () => storage.put(streamOf([TEXT, TEXT]), { ext: "bin" }));
    const names = new Set((await Promise.all(puts)).map(({ name }) => name));
    assertEquals([names.size, await leftovers()], [1, []]);
  });

  test("a part of a file is read by its first and last byte", async ({ storage }) => {
    const { name } = await storage.put(TEXT, { ext: "txt" });
    const part = async (start: number, end: number) =>
      await readAll(await storage.read(name, { start, end }));
    assertEquals(await part(2, 6), TEXT.slice(2, 7));
    assertEquals(await part(0, 0), TEXT.slice(0, 1));
    assertEquals(await part(TEXT.length - 1, 9999), TEXT.slice(-1));
    await assertFails(() => part(TEXT.length, TEXT.length), "request.range");
    const unread = await storage.read(name, { start: 0, end: 3 });
    await unread.cancel();
  });

  test("a local file is taken over and gone from where it was", async ({ storage }) => {
    const scratch = await storage.scratch("Making a film!");
    await Deno.writeFile(scratch.path("film.mp4"), TEXT);
    const stored = await storage.adopt(scratch.path("film.mp4"), { ext: "mp4" });
    assertEquals(await readAll(await storage.read(stored.name)), TEXT);
    assertEquals([...Deno.readDirSync(scratch.dir)], []);
    await scratch.release();
    await scratch.release();
    assertEquals(await Deno.stat(scratch.dir).catch(() => null), null);
  });

  test("scratch folders are apart and hold plain names only", async ({ storage }) => {
    const [a, b] = [await storage.scratch("one"), await storage.scratch("one")];
    assert(a.dir !== b.dir);
    for (const name of ["../x", "/etc/passwd", "a/b", ".hidden", ""]) {
      await assertFails(() => Promise.resolve().then(() => a.path(name)), "storage.failed");
    }
    await Promise.all([a.release(), b.release()]);
  });

  test("damage is found, and storing the content again heals it", async ({ storage, damage }) => {
    const { name } = await storage.put(TEXT, { ext: "txt" });
    assertEquals(await storage.verify(name), true);
    await damage(name);
    assertEquals(await storage.verify(name), false);
    await storage.put(TEXT, { ext: "txt" });
    assertEquals(await storage.verify(name), true);
  });

  test("a list gives each file with its size; a removed file is gone and may be removed again", async ({ storage }) => {
    const first = await storage.put(TEXT, { ext: "txt" });
    const second = await storage.put(TEXT.slice(1), { ext: "bin" });
    assertEquals(await listNames(storage), [first.name, second.name].sort());
    for await (const file of storage.list()) assert(file.bytes > 0 && file.modifiedAt > 1_600_000_000_000);
    assertEquals(await storage.remove(first.name, { unlessPutSince: LATER }), true);
    assertEquals(await storage.remove(first.name, { unlessPutSince: LATER }), false);
    assertEquals(await listNames(storage), [second.name]);
    assertEquals([await storage.stat(first.name), await storage.verify(first.name)], [null, false]);
    await assertFails(() => storage.read(first.name), "storage.missing");
    await assertFails(() => storage.localPath(first.name), "storage.missing");
  });
}

function testStaging(test: Test): void {
  test("what is staged is nobody's: dropped it never was, kept it has its name, and the same bytes of others stay", async (suite) => {
    const { storage, leftovers } = suite;
    const [mine, theirs] = [
      await storage.stage(streamOf([TEXT]), { ext: "txt" }),
      await storage.stage(TEXT, { ext: "txt" }),
    ];
    assertEquals([mine.name, await storage.stat(mine.name)], [theirs.name, null]);
    assertEquals(await Deno.readFile(mine.path), TEXT);
    await theirs.keep();
    await mine.drop();
    await mine.drop();
    assertEquals(await readAll(await storage.read(theirs.name)), TEXT);
    assertEquals(await leftovers(), []);
  });

  test("a file that is put again while it is removed stays", async ({ storage, leftovers }) => {
    const { name } = await storage.put(TEXT, { ext: "txt" });
    assertEquals(await storage.remove(name, { unlessPutSince: 0 }), false, "it was put since");
    for (let round = 0; round < 50; round++) {
      const old = await modifiedAt(storage);
      // Ages are counted in milliseconds.
      while (Date.now() <= old) await new Promise((wake) => setTimeout(wake, 0));
      await Promise.all([
        storage.remove(name, { unlessPutSince: old }),
        storage.put(TEXT, { ext: "txt" }),
        storage.remove(name, { unlessPutSince: old }),
      ]);
      assertEquals(await storage.stat(name), { bytes: TEXT.length });
    }
    assertEquals(await leftovers(), []);
  });
}

async function modifiedAt(storage: Storage): Promise<number> {
  for await (const file of storage.list()) return file.modifiedAt;
  return 0;
}

function testRefusals(test: Test): void {
  test("no name from outside becomes a path, and nothing but stored content is read [XC15] [LX24]", async ({ storage }) => {
    const hex = "a".repeat(64);
    for (
      const name of [
        "../../etc/passwd",
        `${hex}.txt/../../x`,
        `${hex}`,
        `${hex.toUpperCase()}.txt`,
        `${hex}.t/t`,
        `${hex}.txt\n`,
        "",
      ]
    ) {
      await assertFails(() => storage.read(name), "storage.missing");
      await assertFails(() => storage.localPath(name), "storage.missing");
      await assertFails(() => storage.remove(name, { unlessPutSince: LATER }), "storage.missing");
      assertEquals([await storage.stat(name), await storage.verify(name)], [null, false]);
    }
    for (const ext of ["", "../x", "TXT", "a.b", "muchtoolong"]) {
      await assertFails(() => storage.put(TEXT, { ext }), "storage.failed");
    }
  });

  test("a file over the limit, a broken source and a stopped upload leave nothing behind", async ({ storage, leftovers }) => {
    await assertFails(() => storage.put(TEXT, { ext: "txt", bytesMax: TEXT.length - 1 }), "asset.too_large");
    await storage.put(TEXT, { ext: "txt", bytesMax: TEXT.length });
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("the line went dead")),
    });
    await assertFails(() => storage.put(broken, { ext: "txt" }), "storage.failed");
    const stop = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(TEXT);
        stop.abort();
      },
    });
    await assertFails(() => storage.put(endless, { ext: "txt", signal: stop.signal }), "media.cancelled");
    assertEquals([await leftovers(), (await listNames(storage)).length], [[], 1]);
  });

  test("the source is read no further than the limit", async ({ storage }) => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(1000));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    await assertFails(() => storage.put(endless, { ext: "bin", bytesMax: 5000 }), "asset.too_large");
    assert(pulled < 10 && cancelled, `${pulled} chunks read`);
  });
}

function testSizes(test: Test): void {
  test("free disk space is told", async ({ storage }) => {
    const free = await storage.freeBytes();
    assert(free === null || free > 0);
  });
}

const UPLOAD_MB = 256;

/** In a process of its own: the resident memory of this one is shared with all test files that run beside this. */
function testMemory(kind: string, opener: string): void {
  Deno.test(`${kind}: a large upload streams: the process that stores it stays as small as before`, async () => {
    const script = new URL("./upload_process.ts", import.meta.url).pathname;
    const args = ["run", "-A", "--no-check", script, opener, String(UPLOAD_MB)];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const rose = Number(new TextDecoder().decode(stdout));
    // A part of what goes to a bucket is held a few times over, and when memory is freed is not ours to say.
    assert(rose > 0 && rose < UPLOAD_MB * 2 ** 20 / 2, `resident memory rose by ${rose} bytes`);
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

async function listNames(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list()) names.push(name);
  return names.sort();
}

async function assertFails(run: () => Promise<unknown>, code: ProblemCode): Promise<void> {
  const thrown = await run().then(() => null, (error: unknown) => error);
  assertEquals(thrown === null ? "no problem" : problemOf(thrown).code, code);
}
