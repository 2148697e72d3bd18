/** The templates of this repository are whole, valid for every preset and variant, and say what has to be supplied. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { z } from "zod";
import type { FileRef, Value } from "@/core/plan.ts";
import { type Graph, Manifest, type Template } from "@/core/template.ts";
import { checkGraph, checkLinks } from "@/core/workflow/check_graph.ts";
import { bind, classesOf, listSupplies } from "@/core/workflow/mod.ts";
import { inputsOf } from "@/core/workflow/values.ts";
import { chunks, MOVE, planned } from "@/tests/core/planners/wish.ts";
import { readShelf, readTemplate, root } from "./shelf.ts";

const FILE: FileRef = { from: "asset", sha256: "a".repeat(64), ext: "png" };

/** A fitting value for each input of a variant. */
function fill({ manifest }: Template, variant: string): Record<string, Value> {
  return Object.fromEntries(
    inputsOf(manifest, variant).map(([name, input]): [string, Value] => {
      switch (input.kind) {
        case "images":
        case "latents":
          return [name, { files: [FILE, FILE, FILE] }];
        case "image":
        case "video":
        case "audio":
        case "latent":
          return [name, { file: FILE }];
        case "text":
          return [name, String(input.default ?? "words")];
        case "seed":
          return [name, "18446744073709551615"];
        case "bool":
          return [name, true];
        case "choice":
          return [name, input.options?.[0] ?? ""];
        case "int":
        case "number":
          return [name, input.min ?? 0];
      }
    }),
  );
}

function variantsOf({ manifest }: Template): string[] {
  const variants = Object.keys(manifest.variants);
  return variants.length > 0 ? variants : [""];
}

async function bindAll(): Promise<{ id: string; variant: string; preset: string; graph: Graph }[]> {
  const { templates, definitions } = await readShelf();
  return templates.flatMap((template) =>
    Object.keys(template.manifest.presets).flatMap((preset) =>
      variantsOf(template).map((variant) => {
        const bound = bind({
          template,
          definitions,
          values: fill(template, variant),
          variant,
          preset,
          files: () => "animatrix/file.png",
          promptId: "0190b6f0-0000-4000-8000-000000000001",
          prefix: "animatrix",
        });
        assert(bound.ok, JSON.stringify(bound));
        return { id: template.manifest.id, variant, preset, graph: bound.value.graph };
      })
    )
  );
}

Deno.test("every template folder loads without a fault", async () => {
  const { templates, faults } = await readShelf();
  assertEquals(faults.map((fault) => fault.operator), []);
  assertEquals(templates.map((template) => template.manifest.id), [
    "animate/mix",
    "animate/move",
    "animate/move2",
    "anime/loop",
    "anime/still",
    "anime/still_reference",
    "finish/frames",
    "finish/size",
    "long_take/combine",
    "long_take/render",
    "long_take/vace_core",
    "ltx/a2v",
    "ltx/i2v",
    "ltx/keyframe",
    "ltx/lipsync",
    "ltx/style",
    "ltx/t2v",
    "s2v/performance",
    "wan/i2v",
    "wan/t2v",
    "wan/vace",
  ]);
});

Deno.test("[AX19] templates lie in animate, s2v and shared, each with name, version and a map to its nodes", async () => {
  const folders: string[] = [];
  for await (const entry of Deno.readDir(`${root}workflows`)) if (entry.isDirectory) folders.push(entry.name);
  assertEquals(["animate", "s2v", "shared"].filter((name) => !folders.includes(name)), []);
  for (const { manifest } of (await readShelf()).templates) {
    assert(manifest.title !== "" && /^\d+\.\d+\.\d+$/.test(manifest.version));
    // What works on finished films and pieces takes them and little else.
    const least = manifest.mode === "finish" || manifest.submode === "combine" ? 3 : 6;
    assert(Object.values(manifest.inputs).flatMap((input) => input.bind).length >= least);
  }
  const { plan, template } = await planned(MOVE);
  assertEquals(template, { name: "animate/move", version: "1.0.0" });
  for (const step of chunks(plan)) {
    assertEquals(step.template, { id: template.name, version: template.version });
  }
});

Deno.test("bound graphs are valid by the recorded node definitions, for every preset and variant", async () => {
  const { definitions } = await readShelf();
  const bound = await bindAll();
  assert(bound.length >= 36);
  for (const { id, variant, preset, graph } of bound) {
    const faults = [...checkLinks(graph), ...checkGraph(graph, definitions)].map((fault) => fault.text);
    assertEquals(faults, [], `${id} ${variant} ${preset}`);
  }
});

Deno.test("a bound graph has no class that its template did not announce", async () => {
  for (const { id, graph } of await bindAll()) {
    const announced = new Set(classesOf(await readTemplate(id)));
    assertEquals(
      Object.values(graph).map((node) => node.class_type).filter((name) => !announced.has(name)),
      [],
    );
  }
});

Deno.test("[LX8] each preset and each variant of a template makes a graph of its own", async () => {
  const bound = await bindAll();
  assertEquals(new Set(bound.map(({ graph }) => JSON.stringify(graph))).size, bound.length);
});

Deno.test("saved videos are asked for in the one form that old and new servers take", async () => {
  for (const { id, variant, graph } of await bindAll()) {
    const { delivers, outputs } = (await readTemplate(id)).manifest;
    const films = outputs.filter(({ kind, variants }) =>
      kind === "video" && (variants?.includes(variant) ?? true)
    );
    const saves = Object.values(graph).filter((node) => node.class_type === "SaveVideo");
    // The prompt runners' graphs save by their own node, in the one form that it has.
    if (Object.values(graph).some((node) => node.class_type === "VHS_VideoCombine")) continue;
    assertEquals(
      saves.map(({ inputs }) => [inputs.format, inputs.codec]),
      delivers === "still" ? [] : films.map(() => ["mp4", "h264"]),
    );
  }
});

Deno.test("animate: 77 frames are rendered, the last 5 of them are the tail, of old servers' classes", async () => {
  for (const { id, preset, graph } of await bindAll()) {
    if (id !== "animate/move" && id !== "animate/mix") continue;
    const { chunk, last_frames, save_tail } = graph;
    assertEquals([chunk?.inputs.length, chunk?.inputs.continue_motion_max_frames], [77, 5]);
    assertEquals([last_frames?.inputs.batch_index, last_frames?.inputs.length], [72, 5]);
    assertEquals(last_frames?.inputs.image, [preset === "fast" ? "frames_tiled" : "frames", 0]);
    assertEquals(save_tail?.class_type, "SaveImage");
  }
  const { frames } = (await readTemplate("animate/move")).manifest;
  assertEquals(frames, { rule: "4n+1", first: 77, next: 72, overlap: 5, rate: 16 });
});

Deno.test("animate 2: 81 frames are rendered, the last of them goes on, and the clip's own frames drive it", async () => {
  for (const { id, variant, graph } of await bindAll()) {
    if (id !== "animate/move2") continue;
    const { chunk, last_frames } = graph;
    assertEquals([chunk?.class_type, chunk?.inputs.length], ["WanAnimate2ToVideo", 81]);
    assertEquals([last_frames?.inputs.batch_index, last_frames?.inputs.length], [80, 1]);
    assertEquals(chunk?.inputs.pose_video, ["driver_sized", 0]);
    assertEquals(Object.hasOwn(chunk?.inputs ?? {}, "continue_motion"), variant === "next");
  }
  const { frames, chosen } = (await readTemplate("animate/move2")).manifest;
  assertEquals([frames, chosen], [{ rule: "4n+1", first: 81, next: 80, overlap: 1, rate: 16 }, "by_name"]);
});

Deno.test("the presets of Animate and of performances each change what the sampler does", async () => {
  const samplers = (await bindAll()).filter(({ id }) => /^(animate|s2v)[/]/.test(id)).map((bound) => {
    const [sampler] = Object.values(bound.graph).filter(({ class_type }) => class_type === "KSampler");
    const { steps, cfg } = sampler?.inputs ?? {};
    const hasSpeed = Object.values(bound.graph).some(({ class_type }) =>
      class_type === "LoraLoaderModelOnly"
    );
    return { ...bound, said: JSON.stringify([steps, cfg, hasSpeed]) };
  });
  const groups = Map.groupBy(samplers, ({ id, variant }) => `${id} ${variant}`);
  assertEquals(groups.size, 8);
  for (const [name, group] of groups) {
    assertEquals(group.map(({ preset }) => preset), ["fast", "balanced", "quality"], name);
    assertEquals(new Set(group.map(({ said }) => said)).size, 3, name);
  }
});

Deno.test("move has neither mask nor background, mix has both", async () => {
  for (const { id, graph } of await bindAll()) {
    if (id !== "animate/move" && id !== "animate/mix") continue;
    const has = ["background_video", "character_mask"].map((input) =>
      Object.hasOwn(graph.chunk?.inputs ?? {}, input)
    );
    assertEquals(has, id === "animate/mix" ? [true, true] : [false, false]);
  }
});

Deno.test("performance: 1 context latent and 20 new ones are decoded, the first frame is dropped, 80 remain", async () => {
  for (const { id, variant, graph } of await bindAll()) {
    if (id !== "s2v/performance") continue;
    const latents =
      (Number(graph[variant === "first" ? "first_chunk" : "next_chunk"]?.inputs.length) - 1) / 4 + 1;
    assertEquals(latents, 20);
    assertEquals(graph.with_context?.inputs, {
      samples1: ["context", 0],
      samples2: ["sampler", 0],
      dim: "t",
    });
    assertEquals(graph.context?.inputs.amount, 1);
    const decoded = (1 + latents - 1) * 4 + 1;
    assertEquals(decoded, 81);
    assertEquals([graph.new_frames?.inputs.batch_index, graph.new_frames?.inputs.length], [1, decoded - 1]);
    assertEquals(graph.save_latent?.inputs.samples, ["sampler", 0]);
  }
  const { notes } = (await readTemplate("s2v/performance")).manifest;
  assert(notes.some((note) => note.includes("not measured on a GPU")));
});

Deno.test("each template's README lists its graph, its nodes and every model file with its folder", async () => {
  for (const { manifest, graph } of (await readShelf()).templates) {
    const text = await Deno.readTextFile(`${root}workflows/${manifest.id}/README.md`);
    assert(text.includes("`graph.json`"));
    for (const node of Object.values(graph)) {
      assert(
        text.includes(`| ${node._meta?.title} | \`${node.class_type}\` |`),
        `${manifest.id} ${node._meta?.title}`,
      );
    }
    for (const { folder, file, source } of manifest.requires.models) {
      assert(text.includes(`| \`models/${folder}/\` | \`${file}\` | ${source} |`), `${manifest.id} ${file}`);
    }
  }
});

Deno.test("the list of supplies names each file once, with the templates that load it, as the shared list has it", async () => {
  const supplies = listSupplies((await readShelf()).templates);
  assertEquals(supplies.length, new Set(supplies.map((supply) => supply.file)).size);
  const umt5 = supplies.find((supply) => supply.file === "umt5_xxl_fp8_e4m3fn_scaled.safetensors");
  assertEquals(umt5?.templates.filter((id) => /^(animate|s2v)/.test(id)), [
    "animate/mix",
    "animate/move",
    "animate/move2",
    "s2v/performance",
  ]);
  const shared = z.strictObject({ models: Manifest.shape.requires.shape.models })
    .parse(JSON.parse(await Deno.readTextFile(`${root}workflows/shared/models.json`))).models;
  const byFile = new Map(shared.map((model) => [model.file, model]));
  assertEquals(byFile.size, supplies.length);
  for (const { templates: _, ...supply } of supplies) assertEquals(byFile.get(supply.file), supply);
});

Deno.test("every optional file of a template says how it changes the result, or that the model does not use it", async () => {
  for (const { manifest } of (await readShelf()).templates) {
    const optional = Object.entries(manifest.inputs).filter(([, input]) =>
      input.role === "asset" && !input.required
    );
    for (const [name, { effect, bind }] of optional) {
      assertEquals(bind.length === 0, effect === null, `${manifest.id} ${name}`);
    }
    if (!/^(animate|s2v)/.test(manifest.id)) continue;
    assertEquals(optional.map(([name, { effect }]) => [name, effect]), [["references", null], [
      "poseSheet",
      null,
    ]]);
  }
});

Deno.test("a pose picture leads the still where it is given, and leaves no trace where it is not", async () => {
  const { definitions } = await readShelf();
  for (const id of ["anime/still", "anime/still_reference"]) {
    const template = await readTemplate(id);
    const { poseSheet, ...rest } = fill(template, "");
    const posed = [{ ...rest, poseSheet: poseSheet ?? "" }, rest].map((values) => {
      const bound = bind({
        template,
        definitions,
        values,
        variant: "",
        preset: "balanced",
        files: () => "animatrix/file.png",
        promptId: "0190b6f0-0000-4000-8000-000000000001",
        prefix: "animatrix",
      });
      assert(bound.ok, JSON.stringify(bound));
      const { graph, classes, models } = bound.value;
      assertEquals(checkGraph(graph, definitions), []);
      return [
        graph.sampler?.inputs.positive,
        graph.sampler?.inputs.negative,
        classes.includes("ControlNetApplyAdvanced"),
        models.some(({ folder }) => folder === "controlnet"),
      ];
    });
    assertEquals(posed, [
      [["posed", 0], ["posed", 1], true, true],
      [["positive", 0], ["negative", 0], false, false],
    ]);
  }
});

Deno.test("every class from a node pack stands in the template's list of packs, with the pinned commit", async () => {
  const classes = new Map<string, string>();
  for (const { manifest: { id, notes, requires } } of (await readShelf()).templates) {
    const isByHand = notes.some((note) => note.includes("node definitions were written by hand"));
    for (const pack of requires.packs) {
      const isPinned = /^[0-9a-f]{7,40}$/.test(pack.commit);
      assert(isPinned || (isByHand && pack.commit === "not established"), `${id} ${pack.name}`);
      for (const name of pack.classes) classes.set(name, pack.name);
    }
  }
  for (const template of (await readShelf()).templates) {
    const known = new Set(template.manifest.requires.packs.flatMap((pack) => pack.classes));
    const foreign = classesOf(template).filter((name) => classes.has(name) || /^(ADE_|IPAdapter)/.test(name));
    assertEquals(foreign.filter((name) => !known.has(name)), [], template.manifest.id);
  }
});

Deno.test("[LX33] the runbook says how to try each mode on a real card, and what to look at", async () => {
  const runbook = await Deno.readTextFile(`${root}deploy/RUNBOOK.md`);
  const [, list = ""] = runbook.split("## Each mode on a real card");
  const section = list.split("\n## ")[0] ?? "";
  assert(section.includes("task templates prove --comfy URL"));
  for (const { manifest } of (await readShelf()).templates) {
    assert(section.includes(`**${manifest.title}**`), `${manifest.title} is not in the list`);
  }
});

Deno.test("no template claims to have run on a real GPU without saying on which", async () => {
  for (const { manifest } of (await readShelf()).templates) {
    assertEquals([manifest.state, manifest.verified], ["unverified", null]);
  }
});

Deno.test("[LX30] the repository holds no weight files", async () => {
  const found: string[] = [];
  const walk = async (dir: string): Promise<void> => {
    for await (const entry of Deno.readDir(dir)) {
      if (["node_modules", ".git", "data", "_fresh"].includes(entry.name)) continue;
      if (entry.isDirectory) await walk(`${dir}/${entry.name}`);
      else if (/\.(safetensors|gguf|bin|ckpt|pth|pt)$/.test(entry.name)) found.push(`${dir}/${entry.name}`);
    }
  };
  await walk(root.replace(/\/$/, ""));
  assertEquals(found, []);
});
