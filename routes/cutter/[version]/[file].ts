/** Serves the parts of the cutter, ffmpeg for browsers, from its packages: once per browser and version, and compressed. */
import { HttpError } from "fresh";
import { CUTTER } from "@/core/cutter.ts";
import { define } from "../../(_shared)/define.ts";

const SCRIPT = "text/javascript; charset=utf-8";

/** The worker imports its neighbours by name. */
const PARTS: Record<string, { from: () => URL; type: string }> = {
  "worker.js": { from: () => worker("worker.js"), type: SCRIPT },
  "const.js": { from: () => worker("const.js"), type: SCRIPT },
  "errors.js": { from: () => worker("errors.js"), type: SCRIPT },
  "ffmpeg-core.js": { from: () => new URL(import.meta.resolve("@ffmpeg/core")), type: SCRIPT },
  "ffmpeg-core.wasm": {
    from: () => new URL(import.meta.resolve("@ffmpeg/core/wasm")),
    type: "application/wasm",
  },
};

const worker = (name: string) => new URL(name, import.meta.resolve("@ffmpeg/ffmpeg/worker"));

export const handler = define.handlers({
  async GET({ params, req }) {
    const part = Object.hasOwn(PARTS, params.file ?? "") ? PARTS[params.file ?? ""] : undefined;
    if (!part || CUTTER !== `/cutter/${params.version}/`) throw new HttpError(404);
    const headers = new Headers({
      "content-type": part.type,
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
    });
    const { readable } = await Deno.open(part.from());
    if (!/\bgzip\b/.test(req.headers.get("accept-encoding") ?? "")) {
      return new Response(readable, { headers });
    }
    headers.set("content-encoding", "gzip");
    return new Response(readable.pipeThrough(new CompressionStream("gzip")), { headers });
  },
});
