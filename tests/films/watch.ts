/** Looks at finished films: fetches them from a studio, and reads what ffprobe and the decoder see. */
import { createHash } from "node:crypto";
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Media } from "@/core/ports.ts";
import { assertEquals } from "@/tests/assert.ts";
import { type Rig, silent } from "@/tests/rig/rig.ts";
import type { SeenDetail } from "@/tests/rig/person.ts";

export function openTestMedia(): Promise<Media> {
  return openMedia({ choice: "auto", ffmpegPath: "", log: silent, clock: systemClock() });
}

/** The film of a job that must complete, as a file. */
export async function fetchOutput(
  { person, dir }: Pick<Rig, "person" | "dir">,
  id: string,
): Promise<{ path: string; job: SeenDetail }> {
  const job = await person.waitForEnd(id);
  assertEquals([job.status, job.problem], ["completed", null]);
  const answer = await person.send("GET", (job.outputs[0]?.url ?? "").replace(/^\/api/, ""));
  const path = `${dir}/${id}.mp4`;
  await Deno.writeFile(path, answer.body ?? new Uint8Array());
  return { path, job };
}

/** Hash of every picture of a film. */
export async function decodedBytes(media: Media, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const frame of (await media.decode({ path })).frames) hash.update(frame);
  return hash.digest("hex");
}

/** What every picture of a film says. */
export async function readFrames<T>(
  media: Media,
  path: string,
  read: (rgb: Uint8Array, width: number, height: number) => T,
): Promise<T[]> {
  const { width, height, frames } = await media.decode({ path });
  const seen: T[] = [];
  for await (const frame of frames) seen.push(read(frame, width, height));
  return seen;
}
