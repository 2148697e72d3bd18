/** The same small work on native ffmpeg and on the wasm engine: what it costs to have nothing installed. */
import { openMedia } from "@/adapters/media/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import type { Media } from "@/core/ports.ts";
import { numberedFrames, RATE_16 } from "@/tests/adapters/media/support.ts";
import { interleave, median, print, silent } from "./report.ts";

const ROUNDS = 5;
const FRAMES = 77;

export async function benchMedia(): Promise<void> {
  const dir = await Deno.makeTempDir();
  const open = (choice: "native" | "wasm") =>
    openMedia({ choice, ffmpegPath: "", log: silent, clock: systemClock() });
  const native = await open("native").catch(() => null);
  const wasm = await open("wasm");
  const engines = new Map<string, Media>([...native ? [["native", native] as const] : [], ["wasm", wasm]]);
  for (const [work, run] of Object.entries({ encode, probe })) {
    const cases = new Map(
      [...engines].map(([name, media]) => [name, () => timed(() => run(media, `${dir}/${name}.mp4`))]),
    );
    const rounds = await interleave(cases, ROUNDS);
    const ms = new Map([...rounds].map(([name, values]) => [name, median(values)]));
    for (const [name, value] of ms) {
      print({ bench: `media.${work}.${name}`, value, unit: "ms", rounds: ROUNDS });
    }
    const [fast, slow] = [ms.get("native"), ms.get("wasm")];
    if (fast && slow) print({ bench: `media.${work}.ratio`, value: slow / fast, unit: "wasm / native" });
  }
  await Deno.remove(dir, { recursive: true });
}

function encode(media: Media, output: string): Promise<void> {
  return media.encode({ raw: numberedFrames(FRAMES), rate: RATE_16, output });
}

async function probe(media: Media, path: string): Promise<void> {
  // An engine remembers files that it has seen, so each round gets one of its own.
  const copy = path.replace(".mp4", `-${crypto.randomUUID()}.mp4`);
  await Deno.copyFile(path, copy);
  await media.probe(copy);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await run();
  return performance.now() - from;
}
