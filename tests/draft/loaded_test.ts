/** What a server has loaded: other models take their time, the same ones none. */
import { assertEquals } from "@/tests/assert.ts";
import { Loaded } from "@/draft/loaded.ts";
import { draftNodes } from "@/draft/nodes/mod.ts";

const graph = (model: string) => ({
  model: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: model } },
  empty: { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
});

Deno.test("only a change of models takes the time of a load, and what was let go must be loaded again", async () => {
  const slept: number[] = [];
  const silent = () => {};
  const loaded = new Loaded({
    loadMs: 2000,
    clock: { now: () => 0, monotonic: () => 0, sleep: (ms) => Promise.resolve(void slept.push(ms)) },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    definition: (name) => draftNodes.definitions[name],
  });
  const { signal } = new AbortController();
  for (const model of ["a", "a", "b", "b", "a"]) await loaded.load(graph(model), signal);
  assertEquals(slept.length, 3);
  loaded.forget();
  await loaded.load(graph("a"), signal);
  await loaded.load({ empty: graph("a").empty }, signal);
  assertEquals(slept, [2000, 2000, 2000, 2000]);
});
