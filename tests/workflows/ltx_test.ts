/** The six modes of the LTX studio as the person meets them: names and stages, cameras, lengths to the frame, and nothing that was left out. */
import { makeOffer } from "@/core/offer.ts";
import type { Value } from "@/core/plan.ts";
import type { JobRequestInput } from "@/core/request.ts";
import { bindStep } from "@/core/workflow/mod.ts";
import { checkGraph } from "@/core/workflow/check_graph.ts";
import { ownSettings } from "@/core/planners/options.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { chunks, IDS, planned } from "@/tests/core/planners/wish.ts";
import { readShelf, readTemplate } from "./shelf.ts";

const SIX = ["t2v", "i2v", "a2v", "lipsync", "keyframe", "style"];
const FILES: Record<string, Record<string, string>> = {
  t2v: {},
  i2v: { image: IDS.picture },
  a2v: { audio: IDS.voice },
  lipsync: { image: IDS.picture, audio: IDS.voice },
  keyframe: { image: IDS.picture, lastImage: IDS.picture },
  style: { image: IDS.picture, video: IDS.clip },
};

const wish = (submode: string, settings: JobRequestInput["settings"] = {}): JobRequestInput => ({
  mode: "ltx",
  submode,
  prompt: "A lighthouse in the storm",
  assets: FILES[submode],
  settings,
});

/** What the render server would get of a shot. */
async function graphOf(submode: string, options: Record<string, string | number | boolean>) {
  const { plan } = await planned(wish(submode, { options }));
  const [step] = chunks(plan);
  assert(step);
  const { definitions } = await readShelf();
  const bound = bindStep(step, {
    template: await readTemplate(`ltx/${submode}`),
    definitions,
    files: () => "animatrix/file.png",
    promptId: "0190b6f0-0000-4000-8000-000000000001",
    prefix: "animatrix",
  });
  assert(bound.ok, JSON.stringify(bound));
  return Object.values(bound.value.graph);
}

Deno.test("[LX1] there are exactly six LTX modes, each with a template, a label, an icon and stages that sum to 100", async () => {
  const { templates } = await readShelf();
  const { modes } = makeOffer(templates, "draft");
  const own = modes.filter(({ mode }) => mode === "ltx");
  assertEquals(own.map(({ submode }) => submode), SIX);
  assertEquals(new Set(own.map(({ name }) => name)).size, 6);
  assert(own.every(({ icon, name }) => icon !== "" && !name.includes("/")));
  for (const submode of SIX) {
    const { manifest } = await readTemplate(`ltx/${submode}`);
    assertEquals(manifest.stages.reduce((sum, { share }) => sum + share, 0), 100, submode);
    assert(manifest.stages.every(({ title, nodes }) => title !== "" && nodes.length > 0));
  }
});

Deno.test("[LX6] at every rate a length in seconds is delivered to the frame, and never less is rendered", async () => {
  for (const [seconds, frameRate] of [[3, 25], [3, 24], [1, 8], [30, 30], [2.5, 29], [6, 25]] as const) {
    const { plan } = await planned(wish("t2v", { seconds, frameRate }));
    const [step] = chunks(plan);
    const frames = Number(step?.values.frames);
    assertEquals([plan.film?.frames, plan.film?.rate], [Math.round(seconds * frameRate), {
      num: frameRate,
      den: 1,
    }]);
    assert(
      frames >= seconds * frameRate - 0.5 && (frames - 1) % 8 === 0,
      `${seconds} s at ${frameRate}: ${frames}`,
    );
    const sent: Value | undefined = step?.values.seconds;
    assert(sent === undefined || Number(sent) >= seconds - 1e-9, `${sent} s are sent`);
  }
});

const isCamera = (value: unknown) => typeof value === "string" && value.includes("camera-control");

Deno.test("[LX9] at most one camera is loaded, with the strength that is asked for, and none where none is", async () => {
  const { manifest } = await readTemplate("ltx/t2v");
  const cameras = manifest.inputs.camera?.options ?? [];
  assertEquals(cameras.filter((camera) => camera.startsWith("jib_")), ["jib_up", "jib_down"]);
  const seen = new Set<unknown>();
  for (const camera of cameras) {
    const loaded = (await graphOf("t2v", { camera, cameraStrength: 1.3 })).filter(({ inputs }) =>
      isCamera(inputs.lora_name)
    );
    assertEquals(loaded.map(({ inputs }) => inputs.strength_model), camera === "none" ? [] : [1.3], camera);
    for (const { inputs } of loaded) seen.add(inputs.lora_name);
  }
  assertEquals(seen.size, cameras.length - 1);
  const offers = async (name: string) => {
    const all = await Promise.all(SIX.map((submode) => readTemplate(`ltx/${submode}`)));
    return all.filter(({ manifest }) => name in manifest.inputs).map(({ manifest }) => manifest.submode);
  };
  assertEquals(await offers("control"), ["i2v", "lipsync", "keyframe", "style"]);
  assertEquals(await offers("detailer"), SIX);
});

Deno.test("[LX26] every template is valid as it lies there, with a file's name wherever a person's file will be", async () => {
  const { templates, definitions } = await readShelf();
  for (const { manifest, graph } of templates) {
    assertEquals(checkGraph(graph, definitions).map(({ text }) => text), [], manifest.id);
    const titles = new Map(Object.values(graph).map((node) => [node._meta?.title, node]));
    const files = Object.values(manifest.inputs).filter(({ kind }) =>
      ["image", "video", "audio", "images"].includes(kind)
    );
    for (const { bind, title } of files) {
      for (const { node, input } of bind) {
        const held = "title" in node ? titles.get(node.title)?.inputs[input] : graph[node.id]?.inputs[input];
        assert(typeof held === "string" && /\.\w+$/.test(held), `${manifest.id}: ${title} has ${held}`);
      }
    }
  }
});

Deno.test("[LX29] the six modes have no settings for LoRA files of one's own", async () => {
  for (const submode of SIX) {
    const kinds = ownSettings((await readTemplate(`ltx/${submode}`)).manifest).map(([, { kind }]) => kind);
    assertEquals(kinds.filter((kind) => kind === "text"), [], submode);
  }
});
