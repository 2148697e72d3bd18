/** What a prober said of a file is remembered for that very content, and asked anew for any other. */
import { createBench } from "@/adapters/media/bench.ts";
import type { Engine } from "@/adapters/media/engine.ts";
import { createGate } from "@/adapters/media/gate.ts";
import { fail } from "@/core/problem.ts";
import { assertEquals, assertRejects } from "@/tests/assert.ts";

const STREAM = {
  codec_type: "video",
  codec_name: "h264",
  width: 64,
  height: 64,
  avg_frame_rate: "16/1",
  r_frame_rate: "16/1",
  nb_frames: "16",
  pix_fmt: "yuv420p",
};
const SAID = JSON.stringify({ format: { format_name: "mov,mp4", duration: "1" }, streams: [STREAM] });

Deno.test("a file is probed once, also under another name; a changed one anew, and a failure is not remembered", async () => {
  const dir = await Deno.makeTempDir();
  let [asked, broken] = [0, false];
  const never = () => Promise.reject(new Error("not asked for"));
  const engine: Engine = {
    kind: "native",
    version: "0",
    run: never,
    read: () => ReadableStream.from([]),
    write: never,
    probe() {
      asked++;
      return broken ? Promise.reject(fail("media.failed")) : Promise.resolve(SAID);
    },
  };
  const { probe } = createBench(engine, createGate(1));
  const [one, two] = [`${dir}/one.mp4`, `${dir}/two.mp4`];
  await Deno.writeTextFile(one, "a film");
  assertEquals((await probe(one)).video?.frames, 16);
  await probe(one);
  assertEquals(asked, 1);
  await Deno.rename(one, two);
  await probe(two);
  assertEquals(asked, 1, "it is the same file");
  await Deno.writeTextFile(two, "another film");
  broken = true;
  await assertRejects(() => probe(two));
  broken = false;
  await probe(two);
  assertEquals(asked, 3);
  await Deno.remove(dir, { recursive: true });
});
