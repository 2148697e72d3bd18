/** The answers of POST /prompt, case by case against a recorded ComfyUI 0.33.0. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { recordedModels } from "./nodes_for_tests.ts";
import { readRecording, type Recorded } from "./recordings.ts";
import { type Reply, type Rig, until, withDraft } from "./rig.ts";

const LIMIT = 5_242_880;
/** Prompts that the recorded server had seen before its first case. */
const SEEN_BEFORE = 15;

const NodeErrors = z.record(
  z.string(),
  z.looseObject({
    dependent_outputs: z.array(z.string()),
    errors: z.array(z.looseObject({ details: z.string() })),
  }),
);

Deno.test("each recorded refusal and acceptance of a prompt is answered the same way", async () => {
  const cases = pairUp(await readRecording("20"));
  assert(cases.length >= 35);
  await withDraft({ uploadMaxBytes: LIMIT, models: recordedModels() }, async (rig) => {
    for (let seen = 0; seen < SEEN_BEFORE; seen++) await rig.post("/prompt", {});
    for (const { note, request, response } of cases) {
      const reply = await replay(rig, note, request);
      assertEquals(reply.status, response.status, note);
      assertEquals(reply.type, response.content_type, note);
      if (reply.type === "application/json") {
        assertEquals(comparable(reply.json), comparable(response.body), note);
      } else if (typeof response.body === "string" && response.body !== "<binary>") {
        assertEquals(reply.text, response.body, note);
      } else assertEquals(reply.text, "", note);
    }
  });
});

interface Case {
  note: string;
  request: Recorded;
  response: Recorded;
}

function pairUp(events: Recorded[]): Case[] {
  const cases: Case[] = [];
  let note = "";
  let request: Recorded | null = null;
  for (const event of events) {
    if (event.kind === "note") note = event.text ?? "";
    if (event.kind === "http_request") request = event;
    if (event.kind === "http_response" && request !== null) cases.push({ note, request, response: event });
  }
  return cases;
}

async function replay(rig: Rig, note: string, request: Recorded): Promise<Reply> {
  if (note === "invalid JSON") return await rig.ask("/prompt", { method: "POST", body: "{bad" });
  if (note.startsWith("wrong content type")) {
    const headers = { "content-type": "text/plain" };
    return await rig.ask("/prompt", { method: "POST", body: '{"prompt":{}}', headers });
  }
  if (note.startsWith("body larger")) {
    return await rig.post("/prompt", { prompt: {}, pad: "x".repeat(6_000_000) });
  }
  // The browser guard is tested with a header that fetch lets through.
  const headers = note.startsWith("cross origin") ? { "sec-fetch-site": "cross-site" } : undefined;
  return await rig.post("/prompt", request.body, headers);
}

/** Without new ids, tracebacks, tooltips, and the order of what Python keeps in sets. */
function comparable(body: unknown): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(body, (key, value) => {
    if (["traceback", "tooltip", "prompt_id", "dependent_outputs"].includes(key)) return undefined;
    return key === "errors" && Array.isArray(value)
      ? [...value].sort((a, b) => a.details < b.details ? -1 : 1)
      : value;
  }));
  return plain;
}

Deno.test("a bad node is held against every output that needs it", async () => {
  const graph = {
    "1": { class_type: "EmptyImage", inputs: { width: 0, height: 16, batch_size: 1, color: 0 } },
    "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
    "3": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
  await withDraft({}, async (rig) => {
    const { json } = await rig.post("/prompt", { prompt: graph });
    const errors = NodeErrors.parse(z.looseObject({ node_errors: z.unknown() }).parse(json).node_errors);
    assertEquals(Object.keys(errors), ["1"]);
    assertEquals(errors["1"]?.dependent_outputs, ["2", "3"]);
  });
});

Deno.test("converted values are written back into the graph that history shows", async () => {
  const graph = {
    "1": { class_type: "EmptyImage", inputs: { width: "16", height: 16.9, batch_size: true, color: 7 } },
    "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
  await withDraft({}, async (rig) => {
    const entry = z.looseObject({ prompt: z.array(z.unknown()) }).parse(
      await rig.ended(await rig.submit(graph)),
    );
    const kept = z.record(z.string(), z.looseObject({ inputs: z.unknown() })).parse(entry.prompt[2]);
    assertEquals(kept["1"]?.inputs, { width: 16, height: 16, batch_size: 1, color: 7 });
  });
});

Deno.test("a seed keeps all its digits to the node and to history, as text and as number, up to the largest", async () => {
  await withDraft({}, async (rig) => {
    const largest = "18446744073709551615";
    const send = (seed: string) =>
      rig.ask("/prompt", {
        method: "POST",
        body: `{"prompt":{"1":{"class_type":"RecSeed","inputs":{"seed":${seed}}}}}`,
      });
    for (
      const [seed, kept] of [[`"${largest}"`, largest], [largest, largest], [
        "9007199254740993",
        null,
      ]] as const
    ) {
      const reply = await send(seed);
      const { prompt_id } = z.looseObject({ prompt_id: z.string() }).parse(reply.json);
      await rig.ended(prompt_id);
      const { text } = await rig.ask(`/history/${prompt_id}`);
      assert(text.includes(`"seed":${kept ?? seed}}`), text);
      assert(text.includes(`"text":["${kept ?? seed}"]`), text);
    }
    const over = await send("18446744073709551616");
    assertEquals(over.status, 400);
    assertMatch(over.text, /Value 18446744073709551616 bigger than max of 18446744073709551615/);
  });
});

Deno.test("bounds of floats are told with their point", async () => {
  await withDraft({}, async (rig) => {
    const graph = {
      "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color: 3 } },
      "2": { class_type: "CreateVideo", inputs: { images: ["1", 0], fps: 999 } },
      "3": { class_type: "SaveVideo", inputs: { video: ["2", 0], filename_prefix: "a", format: "mp4" } },
    };
    const { text } = await rig.post("/prompt", { prompt: graph });
    assert(text.includes("Value 999.0 bigger than max of 120.0"), text);
  });
});

Deno.test("dynamic combos and growing lists are checked as recorded", async () => {
  const cases = pairUp(await readRecording("73")).filter(({ request, note }) =>
    request.path === "/prompt" && !note.includes("selector") && !note.includes("step not")
  );
  assert(cases.length >= 6);
  await withDraft({ models: recordedModels() }, async (rig) => {
    for (const { note, request, response } of cases) {
      const reply = await rig.post("/prompt", request.body);
      assertEquals(reply.status, response.status, note);
      if (reply.status === 400) assertEquals(comparable(reply.json), comparable(response.body), note);
    }
  });
});

Deno.test("a missing selector fails at run time in 0.33 and at once in 0.38", async () => {
  const graph = {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color: 1 } },
    "2": { class_type: "ResizeImageMaskNode", inputs: { input: ["1", 0], scale_method: "area" } },
    "3": { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  };
  await withDraft({}, async (rig) => {
    const entry = JSON.stringify(await rig.ended(await rig.submit(graph)));
    assert(entry.includes("missing 1 required positional argument: 'resize_type'"));
    assert(entry.includes("TypeError"));
  });
  await withDraft({ version: "0.38.0" }, async (rig) => {
    const reply = await rig.post("/prompt", { prompt: graph });
    assertEquals(reply.status, 400);
    assert(reply.text.includes('"invalid_dynamic_input"'));
  });
});

Deno.test("loaders take the recorded path forms and refuse those that leave their folder", async () => {
  const image = (name: string) => ({
    "1": { class_type: "LoadImage", inputs: { image: name } },
    "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  });
  await withDraft({}, async (rig) => {
    await Deno.mkdir(`${rig.dir}/input/clips/x`, { recursive: true });
    for (const file of ["input/clips/x/c.png", "input/top.png", "output/o.png", "temp/t.png"]) {
      await Deno.writeTextFile(`${rig.dir}/${file}`, "");
    }
    await Deno.writeTextFile(`${rig.dir}/outside.png`, "");
    for (const name of ["clips/x/c.png", "top.png", "top.png [input]", "o.png [output]", "t.png [temp]"]) {
      assertEquals((await rig.post("/prompt", { prompt: image(name) })).status, 200, name);
    }
    for (const name of ["../outside.png", `${rig.dir}/outside.png`, "o.png", "nope.png", ""]) {
      const reply = await rig.post("/prompt", { prompt: image(name) });
      assertEquals(reply.status, 400, name);
      assert(reply.text.includes(`image - Invalid image file: ${name}`), name);
    }
    const listed = await rig.ask("/object_info/LoadImage");
    assert(listed.text.includes('"top.png"') && !listed.text.includes("c.png"));
  });
});

Deno.test("with all models accepted any name passes, and a table refuses what it lacks", async () => {
  const graph = {
    "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "mine/special.safetensors" } },
    "2": { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
    "3": { class_type: "VAEDecode", inputs: { samples: ["2", 0], vae: ["1", 2] } },
    "4": { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
  };
  await withDraft({ knownModels: { checkpoints: ["a.safetensors"] } }, async (rig) => {
    assertEquals((await rig.post("/prompt", { prompt: graph })).status, 200);
    assertEquals((await rig.ask("/models/checkpoints")).json, ["a.safetensors"]);
    assertEquals((await rig.ask("/models/nope")).status, 404);
  });
  const models = { checkpoints: Array.from({ length: 21 }, (_, at) => `m${at}.safetensors`) };
  await withDraft({ models }, async (rig) => {
    const reply = await rig.post("/prompt", { prompt: graph });
    assertEquals(reply.status, 400);
    assert(reply.text.includes("'mine/special.safetensors' not in (list of length 21)"));
    assert(reply.text.includes('"input_config":null'));
  });
});

Deno.test("old versions take any prompt id, know no jobs, and name unknown classes otherwise", async () => {
  const graph = {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color: 3 } },
    "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
  await withDraft({ version: "0.3.64" }, async (rig) => {
    assertEquals(await rig.submit(graph, { prompt_id: "my own id" }), "my own id");
    const entry = await rig.ended("my own id");
    assert(!JSON.stringify(entry).includes("create_time"));
    assertEquals((await rig.ask("/api/jobs")).status, 404);
    assertEquals((await rig.ask("/api/jobs/x")).status, 404);
    assert(
      (await rig.post("/prompt", { prompt: { "1": { class_type: "No" } } })).text.includes(
        '"invalid_prompt"',
      ),
    );
    const cycle = {
      "1": { class_type: "ImageScaleBy", inputs: { image: ["1", 0], upscale_method: "area", scale_by: 1 } },
      "2": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
    };
    assert((await rig.post("/prompt", { prompt: cycle })).text.includes("RecursionError"));
    const video = await rig.ask("/object_info/SaveVideo");
    assert(video.text.includes('"options":["auto","h264"]') && !video.text.includes("DYNAMICCOMBO"));
  });
  await withDraft({ version: "0.8.0" }, async (rig) => {
    const id = await rig.submit(graph);
    await until(async () => (await rig.ask(`/api/jobs/${id}`)).text.includes('"completed"'));
    assertEquals((await rig.post(`/api/jobs/${id}/cancel`)).status, 405);
    assertEquals((await rig.post("/prompt", { prompt: graph, prompt_id: null })).json, {
      prompt_id: "None",
      number: 1,
      node_errors: {},
    });
    await rig.ended("None");
    const bare = await rig.post("/prompt", { prompt: { nodes: [], version: 0.4 } });
    assertEquals(bare.status, 400);
    assert(bare.text.includes("missing the class_type property"));
    assertEquals((await rig.ask("/queue", { headers: { "sec-fetch-site": "cross-site" } })).status, 200);
    const { extension: _, max_upload_size: __, ...features } = JSON.parse((await rig.ask("/features")).text);
    assertEquals(features, { supports_preview_metadata: true });
    assert((await rig.ask("/api/jobs?status=cancelled")).text.endsWith('in_progress, completed, failed"}'));
  });
});
