/** Which ffmpeg is good enough, and what is said about one that is not. */
import { judge } from "@/adapters/media/capabilities.ts";
import { createGate } from "@/adapters/media/gate.ts";
import { describeMedia, openMedia } from "@/adapters/media/mod.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { assertFails, quietLog, realClock } from "./support.ts";

const paths = { ffmpeg: "ffmpeg", ffprobe: "ffprobe" };
const names = ["xfade", "perspective", "loudnorm", "ebur128", "minterpolate", "zscale", "tonemap"];
const filters = names.map((name) => ` TS. ${name}  V->V  …`).join("\n");
const encoders = ["libx264", "aac", "libwebp", "libmp3lame"].map((name) => ` V....D ${name}  …`).join("\n");

function judged(version: string, lists: { filters?: string; encoders?: string } = {}) {
  return judge({ paths, version: `ffmpeg version ${version} Copyright`, filters, encoders, ...lists });
}

Deno.test("releases from 4.4 on and development builds are good enough", () => {
  for (
    const version of [
      "4.4",
      "4.4.2-0ubuntu0",
      "5.1.9-0+deb12u1",
      "n7.1",
      "8.0",
      "N-118193-g5f38c82536",
      "git-2025-01-01",
    ]
  ) {
    assertEquals(judged(version).ok, true, version);
  }
  for (const version of ["4.3.8", "3.4", "n4.2"]) assertEquals(judged(version).ok, false, version);
});

Deno.test("a build that lacks something is refused with the name of what it lacks", () => {
  const finding = judged("5.1", { encoders: encoders.replace("libx264", "libopenh264") });
  assert(!finding.ok && finding.reason === "ffmpeg 5.1 lacks encoder libx264.");
  const noTone = judged("5.1", { filters: filters.replace("zscale", "scale") });
  assert(noTone.ok && !noTone.toneMap);
});

Deno.test("without a usable ffmpeg the wasm engine is taken and the reason is told; native by force fails", async () => {
  const ffmpegPath = "/nowhere/ffmpeg";
  const told = await describeMedia({ choice: "auto", ffmpegPath, clock: realClock });
  assertEquals(told.engine, "wasm");
  assert(told.reason.startsWith("/nowhere/ffmpeg was not found."), told.reason);
  const warned: string[] = [];
  const log = { ...quietLog, warn: (text: string) => void warned.push(text) };
  assertEquals((await openMedia({ choice: "auto", ffmpegPath, log, clock: realClock })).engine, "wasm");
  assertEquals(warned, ["native ffmpeg cannot be used, the wasm engine is slower"]);
  await assertFails(
    () => openMedia({ choice: "native", ffmpegPath, log, clock: realClock }),
    "studio.config",
  );
});

Deno.test("no more runs work at a time than the gate lets in, in the order they came", async () => {
  const gate = createGate(2);
  const events: string[] = [];
  const holds = new Map<string, () => void>();
  const run = (name: string, signal?: AbortSignal) =>
    gate(async () => {
      events.push(name);
      await new Promise<void>((resolve) => holds.set(name, resolve));
    }, signal);
  const stop = new AbortController();
  const [a, b, c, d] = [run("a"), run("b"), run("c", stop.signal), run("d")];
  stop.abort();
  await assertFails(() => c, "media.cancelled");
  holds.get("a")?.();
  await a;
  await Promise.resolve();
  assertEquals(events, ["a", "b", "d"]);
  holds.get("b")?.();
  holds.get("d")?.();
  await Promise.all([b, d]);
});
