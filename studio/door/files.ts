/** Uploads and results, as the API asks for them, over storage and the media engine. */
import { unzip } from "@/adapters/system/unzip.ts";
import type { Media, Storage } from "@/core/ports.ts";
import type { Studio } from "@/core/studio.ts";

const THUMBNAIL_EDGE = 512;
const PROBE_LIMIT_MS = 60_000;

export type Files = Pick<Studio, "files" | "unzip" | "probe" | "thumbnail">;

export function openFiles(
  { storage, media }: { storage: Storage; media: Media },
): Files {
  return {
    files: {
      receive: (content, options) => storage.stage(content, options),
      stat: (name) => storage.stat(name),
      read: (name, range) => storage.read(name, range),
      freeBytes: () => storage.freeBytes(),
    },
    unzip,
    probe: (file) => media.probe(file.path, { timeLimitMs: PROBE_LIMIT_MS }),
    async thumbnail({ path }, kind) {
      if (kind === "audio") return null;
      const scratch = await storage.scratch("thumbnail");
      try {
        const output = scratch.path("thumbnail.webp");
        await media.thumbnail({ path, edge: THUMBNAIL_EDGE, output }, { timeLimitMs: PROBE_LIMIT_MS });
        return (await storage.adopt(output, { ext: "webp" })).name;
      } finally {
        await scratch.release();
      }
    },
  };
}
