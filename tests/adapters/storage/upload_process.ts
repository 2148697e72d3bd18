/** A process that does nothing but store one large upload, and prints by how many bytes its resident memory rose. */
import type { SuiteStorage } from "./suite.ts";

const CHUNK = new Uint8Array(1 << 20);
/** The first upload brings in the code and the buffers that every upload needs. */
const WARM_CHUNKS = 32;

/** Stores so many chunks as one file and returns the highest resident memory meanwhile. */
async function upload({ storage }: SuiteStorage, chunks: number): Promise<number> {
  let sent = 0;
  let highest = 0;
  const look = setInterval(() => highest = Math.max(highest, Deno.memoryUsage().rss), 5);
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < chunks) controller.enqueue(CHUNK.slice());
      else controller.close();
    },
  });
  const { bytes } = await storage.put(source, { ext: "bin" }).finally(() => clearInterval(look));
  if (bytes !== chunks * CHUNK.length) throw new Error(`Stored ${bytes} bytes of ${chunks} chunks`);
  return highest;
}

if (import.meta.main) {
  const [opener = "", chunks] = Deno.args;
  const { open }: { open: () => Promise<SuiteStorage> } = await import(opener);
  await using suite = await open();
  const before = await upload(suite, WARM_CHUNKS);
  const highest = await upload(suite, Number(chunks));
  Deno.stdout.writeSync(new TextEncoder().encode(`${highest - before}\n`));
}
