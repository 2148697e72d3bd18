/** A selection of the library as one ZIP, sent as it is read: files are stored as they are, none is held in memory. */
import { createRoute, z } from "@hono/zod-openapi";
import { makeZip, predictLength } from "client-zip";
import type { Selection } from "@/core/library.ts";
import { fail } from "@/core/problem.ts";
import type { Api, Call } from "./env.ts";
import { selectionOf } from "./library.ts";
import { cleanName, downloadName, endingOf } from "./names.ts";
import { refusals } from "./problems.ts";
import { disposition } from "./range.ts";
import { requireUser } from "./session.ts";
import type { Studio } from "./studio.ts";

export interface Entry {
  /** Under which it stands in the ZIP. */
  name: string;
  /** Storage name. */
  file: string;
  bytes: number;
  at: number;
}

export function addZip(api: Api): void {
  const zip = createRoute({
    method: "get",
    path: "/library/zip",
    tags: ["library"],
    summary: "The newest result of each film and the content of each file, as one ZIP.",
    request: {
      query: z.strictObject({
        films: z.string().max(8000).default("").openapi({ description: "Ids, separated by commas." }),
        files: z.string().max(8000).default("").openapi({ description: "Ids, separated by commas." }),
      }),
    },
    responses: {
      200: {
        description: "The ZIP; more than 4 GB make it a ZIP64.",
        content: { "application/zip": { schema: z.string().openapi({ format: "binary" }) } },
      },
      ...refusals(410),
    },
  });
  api.openapi(zip, async (c) => {
    const { studio } = c.env;
    const entries = await findEntries(c, selectionOf(c.req.valid("query")));
    if (entries.length === 0) throw fail("library.nothing");
    const sizes = entries.map(({ name, bytes }) => ({ name, size: bytes }));
    const headers = {
      "content-type": "application/zip",
      "content-length": predictLength(sizes).toString(),
      "content-disposition": disposition(zipName(studio.clock.now(), entries.length)),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    };
    if (c.req.raw.method === "HEAD") return new Response(null, { headers });
    return new Response(streamZip(readEntries(studio, entries)), { headers });
  });
}

/** The person may go away at any time: that ends the stream and is no failure. */
export function streamZip(files: Parameters<typeof makeZip>[0]): ReadableStream<Uint8Array> {
  const reader = makeZip(files).getReader();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel().catch(() => {}),
  });
}

function zipName(now: number, count: number): string {
  return `Animatrix - ${new Date(now).toISOString().slice(0, 10)} - ${count}.zip`;
}

/** What there is of a selection; films without a result and files without content are left out. */
async function findEntries(c: Call, { films, files }: Selection): Promise<Entry[]> {
  const { studio } = c.env;
  const user = requireUser(c);
  const found: Omit<Entry, "bytes">[] = [];
  for (const id of films) {
    const job = await studio.jobs.find(user.id, id);
    const [output] = job ? await studio.jobs.outputs(job.id) : [];
    if (!job || !output) continue;
    const name = downloadName(job, { ext: endingOf(output.file) });
    found.push({ name, file: output.file, at: output.createdAt });
  }
  for (const id of files) {
    const asset = await studio.assets.find(user.id, id);
    if (!asset?.content) continue;
    found.push({
      name: named(asset.name, asset.content.file.ext),
      file: asset.content.file.name,
      at: asset.createdAt,
    });
  }
  const entries: Entry[] = [];
  for (const entry of apart(found)) {
    const stat = await studio.files.stat(entry.file);
    if (stat === null) throw fail("storage.missing");
    entries.push({ ...entry, bytes: stat.bytes });
  }
  return entries;
}

/** A name with an ending, for files that came without one. */
function named(name: string, ext: string): string {
  return cleanName(endingOf(name) === "" ? `${name}.${ext}` : name);
}

/** No two names are the same, also where case does not count. */
function apart<Named extends { name: string }>(things: Named[]): Named[] {
  const taken = new Set<string>();
  return things.map((thing) => {
    const ending = endingOf(thing.name);
    const stem = ending === "" ? thing.name : thing.name.slice(0, -ending.length - 1);
    let name = thing.name;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem} (${n})${ending && `.${ending}`}`;
    taken.add(name.toLowerCase());
    return { ...thing, name };
  });
}

/** Opens one file after the other, and closes the one that was being read when the person goes away. */
export async function* readEntries(studio: Studio, entries: Iterable<Entry> | AsyncIterable<Entry>) {
  for await (const { name, file, bytes, at } of entries) {
    const reader = (await studio.files.read(file)).getReader();
    try {
      yield { name, size: bytes, lastModified: at, input: chunksOf(reader) };
    } finally {
      await reader.cancel();
    }
  }
}

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
