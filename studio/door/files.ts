/** Uploads and results, as the API asks for them, over storage and the media engine. */
import type { Kysely } from "kysely";
import type { Media, Storage } from "@/core/ports.ts";
import type { Studio } from "@/core/studio.ts";
import { listUsedFiles } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

const THUMBNAIL_EDGE = 512;
const PROBE_LIMIT_MS = 60_000;

export type Files = Pick<Studio, "files" | "probe" | "thumbnail">;

export function openFiles(
  { storage, media, reader }: { storage: Storage; media: Media; reader: Kysely<Schema> },
): Files {
  return {
    files: {
      put: (content, options) => storage.put(content, options),
      stat: (name) => storage.stat(name),
      read: (name, range) => storage.read(name, range),
      async discard(name) {
        if (!(await listUsedFiles(reader, [name])).has(name)) await storage.remove(name);
      },
      freeBytes: () => storage.freeBytes(),
    },
    probe: async (file) =>
      await media.probe(await storage.localPath(file.name), { timeLimitMs: PROBE_LIMIT_MS }),
    async thumbnail(file, kind) {
      if (kind === "audio") return null;
      const scratch = await storage.scratch("thumbnail");
      try {
        const output = scratch.path("thumbnail.webp");
        const path = await storage.localPath(file.name);
        await media.thumbnail({ path, edge: THUMBNAIL_EDGE, output }, { timeLimitMs: PROBE_LIMIT_MS });
        return (await storage.adopt(output, { ext: "webp" })).name;
      } finally {
        await scratch.release();
      }
    },
  };
}
