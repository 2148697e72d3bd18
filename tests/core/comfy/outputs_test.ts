/** Outputs are collected by shape, and save prefixes belong to their prompt. */
import { collectOutputs, foreignPrefixes } from "@/core/comfy/outputs.ts";
import { assertEquals } from "@/tests/assert.ts";

const file = (filename: string, type = "output") => ({ filename, subfolder: "a", type });

Deno.test("outputs: every list item with a file name counts, whatever its key; the rest is passed over", () => {
  const found = collectOutputs({
    "3": { gifs: [file("a.mp4")], text: ["hello"], animated: [true], count: 3 },
    "4": { "3d": [file("b.glb"), "path.glb", { name: "no file" }], images: [file("c.png", "temp")] },
    "5": null,
  });
  assertEquals(found.map(({ node, key, ord, filename }) => [node, key, ord, filename]), [
    ["3", "gifs", 0, "a.mp4"],
    ["4", "3d", 0, "b.glb"],
  ]);
});

Deno.test("outputs: files of one node are counted over its keys, temporary ones only when asked for", () => {
  const raw = { "3": { images: [file("1.png"), file("2.png", "temp")], files: [file("3.txt")] } };
  assertEquals(collectOutputs(raw).map(({ ord }) => ord), [0, 1]);
  assertEquals(collectOutputs(raw, { temp: true }).map(({ ord, type }) => [ord, type]), [
    [0, "output"],
    [1, "temp"],
    [2, "output"],
  ]);
});

Deno.test("outputs: nodes of an expanded graph count for the node that the graph shows", () => {
  const raw = { "3.0.0.1": { images: [file("1.png")] }, "7.0.0.2": { images: [file("2.png")] } };
  assertEquals(
    collectOutputs(raw, { meta: { "7.0.0.2": { display_node: "9" } } }).map(({ node }) => node),
    ["3", "9"],
  );
});

Deno.test("outputs: a prefix without the prompt's id is found, a linked one is not judged", () => {
  const id = "0b5c1f8e-0000-4000-8000-00000000000a";
  const graph = {
    "1": { inputs: { filename_prefix: `x/${id}-main` } },
    "2": { inputs: { filename_prefix: "x/other" } },
    "3": { inputs: { filename_prefix: ["1", 0] } },
  };
  assertEquals(foreignPrefixes(graph, id), ["2"]);
});
