/** The share of a graph follows its heavy nodes, never falls and stays between 0 and 1. */
import { advanceProgress, ratioOf, startProgress } from "@/core/comfy/progress.ts";
import type { Graph } from "@/core/template.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const GRAPH: Graph = {
  "1": { class_type: "CheckpointLoaderSimple", inputs: {} },
  "2": { class_type: "KSampler", inputs: { steps: 20 } },
  "3": { class_type: "VAEDecode", inputs: {} },
  "4": { class_type: "SaveImage", inputs: {} },
};

Deno.test("progress: half of the sampler's steps is about half of the graph", () => {
  const loaded = advanceProgress(startProgress(GRAPH), [["1", 1]]);
  const half = advanceProgress(loaded, [["2", 0.5]]);
  assert(loaded.share < 0.15 && half.share > 0.35 && half.share < 0.6, `${loaded.share} ${half.share}`);
});

Deno.test("progress: all nodes done is 1, and a share never falls", () => {
  const done = advanceProgress(startProgress(GRAPH), [["1", 1], ["2", 1], ["3", 1], ["4", 1]]);
  assertEquals(done.share, 1);
  assertEquals(advanceProgress(done, [["2", 0.1]]).share, 1);
});

Deno.test("progress: one expanded node does not finish the node that it came from", () => {
  const expanded = advanceProgress(startProgress(GRAPH), [["2.0.0.1", 1]]);
  const whole = advanceProgress(startProgress(GRAPH), [["2", 1]]);
  assert(expanded.share < whole.share);
});

Deno.test("progress: a split sampler weighs the steps that it does", () => {
  const split = (start: number, end: number) => ({
    class_type: "KSamplerAdvanced",
    inputs: { steps: 20, start_at_step: start, end_at_step: end },
  });
  const graph: Graph = { "1": split(0, 5), "2": split(5, 10000) };
  assertEquals(advanceProgress(startProgress(graph), [["1", 1]]).share, 0.25);
});

Deno.test("progress: without a graph the share stays 0", () => {
  assertEquals(advanceProgress(startProgress(null), [["1", 1]]).share, 0);
});

Deno.test("progress: odd values of custom nodes give a share between 0 and 1", () => {
  const odd: [number, number][] = [[1, 0], [5, 2], [-1, 2], [NaN, 1], [1, Infinity], [0.5, 2]];
  assertEquals(odd.map(([value, max]) => ratioOf(value, max)), [0, 1, 0, 0, 0, 0.25]);
});
