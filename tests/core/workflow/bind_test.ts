/** What a step's values do to a graph, and what they leave alone. */
import { assert, assertEquals } from "@/tests/assert.ts";
import type { FileRef, Value } from "@/core/plan.ts";
import type { Graph } from "@/core/template.ts";
import { bind, bindStep, type Bound, formOf } from "@/core/workflow/mod.ts";
import { isLink, linksOf } from "@/core/workflow/graph.ts";
import { hash, readShelf, readTemplate } from "@/tests/workflows/shelf.ts";

const PROMPT = "0190b6f0-0000-4000-8000-000000000001";
const sha = (digit: string) => digit.repeat(64);
const asset = (digit: string, ext: string): FileRef => ({ from: "asset", sha256: sha(digit), ext });
const made = (step: string, role: string, ord?: number): FileRef =>
  ord === undefined ? { from: "step", step, role } : { from: "step", step, role, ord };

const MOVE: Record<string, Value> = {
  prompt: "She dances",
  character: { file: asset("a", "png") },
  driver: { file: made("window-001", "window") },
  offset: 0,
  width: 640,
  height: 480,
  rate: 16,
  seed: "7",
};
const TAIL = Array.from({ length: 5 }, (_, ord) => made("chunk-001", "tail", ord));
const NEXT: Record<string, Value> = { ...MOVE, offset: 5, tail: { files: TAIL } };
const SPEECH: Record<string, Value> = {
  prompt: "He sings",
  character: { file: asset("a", "png") },
  voice: { file: made("prepare-sound", "sound") },
  seed: "7",
};

interface Wish {
  id?: string;
  variant?: string;
  preset?: string;
  promptId?: string;
}

async function tryBind(values: Record<string, Value>, wish: Wish = {}) {
  const { definitions } = await readShelf();
  return bind({
    template: await readTemplate(wish.id ?? "animate/move"),
    definitions,
    values,
    variant: wish.variant ?? "first",
    preset: wish.preset ?? "balanced",
    files: (ref) =>
      ref.from === "asset" ? `up/${ref.sha256.slice(0, 3)}.${ref.ext}` : `up/${ref.step}-${ref.ord ?? 0}`,
    promptId: wish.promptId ?? PROMPT,
    prefix: "animatrix",
  });
}

async function bound(values: Record<string, Value>, wish: Wish = {}): Promise<Bound> {
  const result = await tryBind(values, wish);
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

/** Ids with classes and links: all of a graph but its literals. */
function shapeOf(graph: Graph) {
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => [id, { class: node.class_type, links: linksOf(node) }]),
  );
}

/** `node.input` of every literal that differs. */
function changed(before: Graph, after: Graph): string[] {
  return Object.keys(after).flatMap((id) =>
    Object.keys({ ...before[id]?.inputs, ...after[id]?.inputs })
      .filter((input) => !isLink(after[id]?.inputs[input]))
      .filter((input) =>
        JSON.stringify(before[id]?.inputs[input]) !== JSON.stringify(after[id]?.inputs[input])
      )
      .map((input) => `${id}.${input}`)
  ).sort();
}

Deno.test("[AX21] binding changes only mapped inputs, and the template is the same after 100 bindings", async () => {
  const template = await readTemplate("animate/move");
  const before = JSON.stringify(template);
  for (let seed = 0; seed < 100; seed++) {
    const { graph } = await bound({ ...NEXT, seed: String(seed + 1) }, {
      variant: "next",
      preset: "quality",
    });
    assertEquals(graph.sampler?.inputs.seed, seed + 1);
  }
  assertEquals(JSON.stringify(template), before);
  const { graph } = await bound({ ...NEXT, tail: { files: TAIL.slice(0, 1) } }, { variant: "next" });
  assertEquals(
    changed(template.graph, graph),
    [
      "character.image",
      "chunk.height",
      "driver.file",
      "driver_sized.height",
      "positive.text",
      "sampler.seed",
      "save.filename_prefix",
      "save_tail.filename_prefix",
      "tail.image",
    ].filter((input) => input !== "clip.fps"),
  );
});

Deno.test("[LX3] node set and links stay as they are where no edit or missing file asks for less", async () => {
  const template = await readTemplate("animate/move");
  const { graph } = await bound({ ...NEXT, tail: { files: TAIL.slice(0, 1) } }, { variant: "next" });
  // The decoder in tiles belongs to the preset Fast alone.
  const { frames_tiled: _, ...usual } = template.graph;
  assertEquals(shapeOf(graph), shapeOf(usual));
});

Deno.test("the first part continues nothing: its tail loader is gone, and nothing else", async () => {
  const template = await readTemplate("animate/move");
  const { graph } = await bound(MOVE);
  assertEquals(Object.keys(template.graph).filter((id) => !graph[id]), ["tail", "frames_tiled"]);
  assert(!Object.hasOwn(graph.chunk?.inputs ?? {}, "continue_motion"));
});

Deno.test("a server's definitions are not needed to find the outputs again", async () => {
  const template = await readTemplate("animate/move");
  const input = {
    template,
    values: MOVE,
    variant: "first",
    preset: "fast",
    files: () => "f",
    promptId: PROMPT,
  };
  const blind = bind({ ...input, definitions: {}, prefix: "animatrix" });
  const seeing = await bound(MOVE, { preset: "fast" });
  assert(blind.ok, JSON.stringify(blind));
  assertEquals(blind.value.outputs, seeing.outputs);
});

Deno.test("several files are loaded one by one and joined from left to right", async () => {
  const { graph } = await bound(NEXT, { variant: "next" });
  const files: unknown[] = [];
  let at: unknown = graph.chunk?.inputs.continue_motion;
  while (isLink(at)) {
    const node: Graph[string] | undefined = graph[at[0]];
    if (node?.class_type === "LoadImage") {
      files.unshift(node.inputs.image);
      break;
    }
    assertEquals(node?.class_type, "ImageBatch");
    const second: unknown = node?.inputs.image2;
    files.unshift(isLink(second) ? graph[second[0]]?.inputs.image : null);
    at = node?.inputs.image1;
  }
  assertEquals(files, TAIL.map((_, ord) => `up/chunk-001-${ord}`));
});

Deno.test("latents are joined over time, and both users of the loader get all of them", async () => {
  const latents = { files: [1, 2, 3].map((part) => made(`chunk-00${part}`, "latent")) };
  const { graph } = await bound({ ...SPEECH, latents }, { id: "s2v/performance", variant: "next" });
  const joined = graph.next_chunk?.inputs.video_latent;
  assert(isLink(joined));
  assertEquals(graph.context?.inputs.samples, joined);
  assertEquals(graph[joined[0]]?.class_type, "LatentConcat");
  assertEquals(graph[joined[0]]?.inputs.dim, "t");
  assertEquals(Object.values(graph).filter((node) => node.class_type === "LoadLatent").length, 3);
  assertEquals(Object.values(graph).filter((node) => node.class_type === "LatentConcat").length, 3);
  assert(!graph.first_chunk);
});

Deno.test("the first part of a performance takes its own first latent as context", async () => {
  const { graph } = await bound({ ...SPEECH, width: 640, height: 640 }, { id: "s2v/performance" });
  assertEquals(graph.sampler?.inputs.latent_image, ["first_chunk", 2]);
  assertEquals(graph.context?.inputs, { samples: ["sampler", 0], dim: "t", index: 0, amount: 1 });
  assertEquals([graph.next_chunk, graph.latents], [undefined, undefined]);
});

Deno.test("[TA13] the seed 0 is a seed", async () => {
  const { graph } = await bound({ ...MOVE, seed: "0" });
  assertEquals(graph.sampler?.inputs.seed, 0);
});

Deno.test("[XC22] seeds up to 2^64 − 1 reach the graph with every digit", async () => {
  for (const seed of ["9007199254740991", "9007199254740993", "18446744073709551615"]) {
    const { graph } = await bound({ ...MOVE, seed });
    const sent = JSON.parse(JSON.stringify(graph)).sampler.inputs.seed;
    assertEquals(String(sent), seed);
    assertEquals(typeof sent, Number.isSafeInteger(Number(seed)) ? "number" : "string");
  }
  const tooLarge = await tryBind({ ...MOVE, seed: "18446744073709551616" });
  assert(!tooLarge.ok && tooLarge.problem[0]?.operator?.includes('"seed" must be a whole number'));
});

Deno.test("each save node writes under the prompt's own folder, by role", async () => {
  const { graph, outputs } = await bound(MOVE);
  assertEquals(outputs, [
    { role: "clip", node: "save", kind: "video", required: true, prefix: `animatrix/${PROMPT}/clip` },
    { role: "tail", node: "save_tail", kind: "images", required: true, prefix: `animatrix/${PROMPT}/tail` },
  ]);
  assertEquals(graph.save?.inputs.filename_prefix, `animatrix/${PROMPT}/clip`);
  assertEquals(graph.save_tail?.inputs.filename_prefix, `animatrix/${PROMPT}/tail`);
});

Deno.test("presets change the graph: steps, and the speed LoRA with its file", async () => {
  const [fast, balanced, quality] = await Promise.all(
    ["fast", "balanced", "quality"].map((preset) => bound(MOVE, { preset })),
  );
  assert(fast && balanced && quality);
  const steps = [fast, balanced, quality].map(({ graph }) => graph.sampler?.inputs.steps);
  assertEquals(steps, [4, 6, 20]);
  assert(fast.graph.speed && !quality.graph.speed);
  assert(fast.family.includes("lightx2v") && !quality.family.includes("lightx2v"));
  assertEquals(quality.models.length, fast.models.length - 1);
});

Deno.test("mix keeps the relight LoRA when the speed LoRA goes", async () => {
  const { graph } = await bound(MOVE, { id: "animate/mix", preset: "quality" });
  assertEquals(graph.relight?.inputs.model, ["model", 0]);
  assertEquals(graph.black?.inputs.height, 480);
});

Deno.test("the canonical graph forgets prompt ids and server file names, and nothing that is rendered", async () => {
  const one = await bound(MOVE);
  const other = await bound(MOVE, { promptId: "0190b6f0-0000-4000-8000-000000000002" });
  assertEquals(one.canonical, other.canonical);
  assertEquals(one.canonical.character?.inputs.image, `asset:${sha("a")}`);
  assertEquals(one.canonical.driver?.inputs.file, "step:window-001:window:0");
  assertEquals(one.canonical.save?.inputs.filename_prefix, "");
  for (
    const [name, value] of Object.entries({ prompt: "He dances", offset: 1, width: 656, rate: 24, seed: "8" })
  ) {
    const changed = await bound({ ...MOVE, [name]: value });
    assert(JSON.stringify(changed.canonical) !== JSON.stringify(one.canonical), name);
  }
  const { definitions } = await readShelf();
  const choice = { values: MOVE, variant: "first", preset: "balanced" };
  const form = formOf({ template: await readTemplate("animate/move"), definitions, hash, ...choice });
  assert(form.ok);
  assertEquals(form.value.canonical, one.canonical);
  assertEquals(form.value.family, one.family);
});

Deno.test("wrong values are refused together", async () => {
  const result = await tryBind({
    ...NEXT,
    prompt: 3,
    width: 650,
    height: 64,
    rate: "16",
    driver: "clip.mp4",
    control: { file: asset("b", "mp4") },
  });
  assert(!result.ok);
  const text = result.problem.map((problem) => problem.operator?.split(": ").slice(1).join(": "));
  assertEquals(text, [
    '"tail" is not an input of "animate/move" in its variant "first"',
    '"control" is not an input of "animate/move" in its variant "first"',
    '"prompt" must be text',
    '"driver" must be a file',
    '"width" must be a multiple of 16',
    '"height" must be at least 320',
    '"rate" must be a number',
  ]);
  const { tail: _, ...tailless } = NEXT;
  const missing = await tryBind(tailless, { variant: "next" });
  assert(!missing.ok && missing.problem[0]?.operator?.endsWith('"tail" is missing'));
  const unknown = await tryBind(MOVE, { variant: "middle", preset: "best" });
  assert(!unknown.ok && unknown.problem.length >= 2);
});

Deno.test("a file that the model does not use can never reach its graph", async () => {
  for (const name of ["references", "poseSheet"]) {
    const value = name === "poseSheet" ? { file: asset("c", "png") } : { files: [asset("c", "png")] };
    const result = await tryBind({ ...MOVE, [name]: value });
    assert(!result.ok && result.problem[0]?.operator?.includes(`"${name}" is not an input`));
  }
});

Deno.test("[AX17] neither values nor steps of one mode bind in the template of the other", async () => {
  assert(!(await tryBind({ ...SPEECH, width: 640, height: 640 }, { id: "animate/move" })).ok);
  assert(!(await tryBind(MOVE, { id: "s2v/performance" })).ok);
  const { definitions } = await readShelf();
  const template = await readTemplate("s2v/performance");
  const step = {
    kind: "prompt" as const,
    id: "chunk-001",
    title: "",
    phase: "render" as const,
    weight: 1,
    needs: [],
    template: { id: "animate/move", version: "1.0.0" },
    variant: "first",
    preset: "fast",
    values: { ...SPEECH, width: 640, height: 640 },
    family: "",
    form: sha("0"),
    timeLimitS: 60,
  };
  const input = { template, definitions, files: () => "f", promptId: PROMPT, prefix: "animatrix" };
  const crossed = bindStep(step, input);
  assert(!crossed.ok && crossed.problem[0]?.code === "template.bind_failed");
  const own = bindStep({ ...step, template: { id: "s2v/performance", version: "1.0.0" } }, input);
  assert(own.ok);
});

Deno.test("what loses a required input is pruned with all that needs it; optional links are only cut", async () => {
  const template = structuredClone(await readTemplate("animate/move"));
  const { driver } = template.manifest.inputs;
  assert(driver);
  driver.required = false;
  const { driver: _, ...values } = MOVE;
  const { definitions } = await readShelf();
  const result = bind({
    template,
    definitions,
    values,
    variant: "first",
    preset: "fast",
    files: () => "f",
    promptId: PROMPT,
    prefix: "animatrix",
  });
  assert(result.ok, JSON.stringify(result));
  const left = Object.keys(result.value.graph);
  assertEquals(
    ["driver", "driver_parts", "driver_sized", "person", "pose", "pose_model"].filter((id) =>
      left.includes(id)
    ),
    [],
  );
  assert(left.includes("character") && left.includes("save"));
  const chunk = result.value.graph.chunk?.inputs ?? {};
  assertEquals(["face_video", "pose_video"].filter((input) => Object.hasOwn(chunk, input)), []);
});

Deno.test("a graph that cannot make a required output any more is refused", async () => {
  const template = structuredClone(await readTemplate("s2v/performance"));
  const { latents } = template.manifest.inputs;
  assert(latents);
  delete latents.variants;
  const { definitions } = await readShelf();
  const result = bind({
    template,
    definitions,
    values: SPEECH,
    variant: "next",
    preset: "fast",
    files: () => "f",
    promptId: PROMPT,
    prefix: "animatrix",
  });
  assert(!result.ok);
  assertEquals(result.problem.map((problem) => problem.operator), [
    'Cannot bind template "s2v/performance": nothing is left that makes the output "clip"',
    'Cannot bind template "s2v/performance": nothing is left that makes the output "latent"',
  ]);
});
