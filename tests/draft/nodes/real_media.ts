/** The real media engine for tests of the draft nodes: native where there is one, else wasm. */
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Log, Media } from "@/core/ports.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function openTestMedia(): Promise<Media> {
  return await openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
}
