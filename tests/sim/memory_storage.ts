/** Content-addressed storage in memory for the simulation: survives crashes, and files can be lost on purpose. */
import { fail } from "@/core/problem.ts";
import type { Hash, Scratch, Storage, StoredFile } from "@/core/ports.ts";
import type { Process } from "./world.ts";

/** What outlives every process. */
export interface Disk {
  files: Map<string, Uint8Array>;
  /** What a fault took away, kept for the checks. */
  lost: Map<string, Uint8Array>;
  full: boolean;
}

export interface SimStorage extends Storage {
  /** How the local operations of the simulation leave a file in their scratch folder. */
  writeScratch(path: string, bytes: Uint8Array): void;
}

/** The storage as one process sees it; `step` is where it may crash. */
export function memoryStorage(
  disk: Disk,
  process: Process,
  options: { hash: Hash; step: () => Promise<void> },
): SimStorage {
  const scratches = new Map<string, Uint8Array>();
  let scratchCount = 0;

  async function store(bytes: Uint8Array, ext: string): Promise<StoredFile> {
    await options.step();
    if (disk.full) throw fail("storage.full");
    const sha256 = options.hash(bytes);
    const name = `${sha256}.${ext}`;
    disk.files.set(name, bytes);
    await options.step();
    return { name, sha256, ext, bytes: bytes.byteLength };
  }

  function read(name: string): Uint8Array {
    const bytes = disk.files.get(name);
    if (!bytes) throw fail("storage.missing");
    return bytes;
  }

  return {
    async stage(content, { ext }) {
      const bytes = content instanceof Uint8Array ? content : await drain(content);
      const sha256 = options.hash(bytes);
      const facts = { name: `${sha256}.${ext}`, sha256, ext, bytes: bytes.byteLength };
      const keep = async () => void await store(bytes, ext);
      return { ...facts, path: `staged/${sha256}`, keep, drop: () => Promise.resolve() };
    },
    async put(content, { ext }) {
      return await store(content instanceof Uint8Array ? content : await drain(content), ext);
    },
    async adopt(path, { ext }) {
      const bytes = scratches.get(path);
      if (!bytes) throw fail("storage.failed", { operator: path });
      scratches.delete(path);
      return await store(bytes, ext);
    },
    async stat(name) {
      await options.step();
      const bytes = disk.files.get(name);
      return bytes ? { bytes: bytes.byteLength } : null;
    },
    async read(name) {
      await options.step();
      const bytes = read(name);
      return new ReadableStream({
        start(controller) {
          controller.enqueue(bytes.slice());
          controller.close();
        },
      });
    },
    async localPath(name) {
      await options.step();
      read(name);
      return `disk/${name}`;
    },
    async verify(name) {
      await options.step();
      const bytes = disk.files.get(name);
      return bytes !== undefined && name.startsWith(options.hash(bytes));
    },
    remove: (name) => Promise.resolve(disk.files.delete(name)),
    async *list() {
      for (const [name, bytes] of disk.files) yield { name, bytes: bytes.byteLength, modifiedAt: 0 };
    },
    scratch(purpose): Promise<Scratch> {
      const dir = `scratch/${process.name}/${purpose}/${++scratchCount}`;
      return Promise.resolve({ dir, path: (name) => `${dir}/${name}`, release: () => Promise.resolve() });
    },
    freeBytes: () => Promise.resolve(disk.full ? 0 : 1e12),
    writeScratch: (path, bytes) => void scratches.set(path, bytes),
  };
}

/** Reads a stream with microtasks alone, so that nothing of it depends on real time. */
export async function drain(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk.slice());
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
