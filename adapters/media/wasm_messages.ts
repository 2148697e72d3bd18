/** What the wasm engine and its Worker say to each other. */
import { z } from "zod";

export const WasmJob = z.strictObject({
  coreUrl: z.string(),
  module: z.instanceof(WebAssembly.Module),
  program: z.enum(["ffmpeg", "ffprobe"]),
  args: z.array(z.string()),
});
export type WasmJob = z.infer<typeof WasmJob>;

export const WasmNews = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("log"), line: z.string() }),
  z.strictObject({ type: z.literal("out"), line: z.string() }),
  z.strictObject({ type: z.literal("done"), code: z.int(), text: z.string(), heapBytes: z.int() }),
  z.strictObject({ type: z.literal("failed"), message: z.string() }),
]);
export type WasmNews = z.infer<typeof WasmNews>;
