/** What sockets hear, in which order, against recordings of ComfyUI 0.33.0. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { gates } from "./nodes_for_tests.ts";
import { heardIn, readRecording, type Recorded, withoutSteps } from "./recordings.ts";
import { isOver, type Listener, type Rig, until, withDraft } from "./rig.ts";

const ME = "9a586b4f27214a0190139da2fb8f7a79";

function promptsOf(events: Recorded[]): unknown[] {
  return events.filter((event) =>
    event.kind === "http_request" && event.path === "/prompt" && event.method === "POST"
  )
    .map((event) => event.body);
}

/** Posts the recording's first prompt as it was, and waits for its end. */
async function replayFirst(rig: Rig, listener: Listener, events: Recorded[]): Promise<void> {
  await rig.post("/prompt", promptsOf(events)[0]);
  await until(() => isOver(listener));
}

Deno.test("a run with metadata previews, and its cached repetition, sound as recorded", async () => {
  await withDraft({}, async (rig) => {
    const first = await readRecording("01");
    const listener = await rig.listen(ME);
    listener.send({ type: "feature_flags", data: { supports_preview_metadata: true } });
    await until(() => listener.heard.length === 2);
    await replayFirst(rig, listener, first);
    // The limit of uploads in the feature answer is a matter of options, not of the protocol.
    const plain = (lines: string[]) => lines.filter((line) => !line.includes("feature_flags"));
    assertEquals(plain(listener.heard), plain(heardIn(first, "A")));
    const meta = new TextDecoder().decode(listener.frames[0]?.subarray(8));
    assert(meta.startsWith('{"node_id":"2","prompt_id":"3938f7fd-aab0-4715-8c6b-a8ff034c0b39"'));

    const second = await readRecording("02");
    listener.heard.length = 0;
    await replayFirst(rig, listener, second);
    assertEquals(listener.heard, heardIn(second, "A"));
  });
});

Deno.test("previews without metadata come after their progress, and text frames carry the node", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("03");
    const listener = await rig.listen(ME);
    await replayFirst(rig, listener, events);
    assertEquals(listener.heard, heardIn(events, "A"));
    const [preview, , text] = listener.frames;
    assertEquals([...preview?.subarray(0, 8) ?? []], [0, 0, 0, 1, 0, 0, 0, 1]);
    assertEquals([...text ?? []], [0, 0, 0, 3, 0, 0, 0, 1, 0x35, ...new TextEncoder().encode("hello")]);
  });
});

for (const [number, title] of [["04", "a raising node"], ["05", "an out-of-memory error"]] as const) {
  Deno.test(`${title} is told as recorded and the worker goes on`, async () => {
    await withDraft({}, async (rig) => {
      const events = await readRecording(number);
      const listener = await rig.listen(ME);
      await replayFirst(rig, listener, events);
      const welcome = listener.heard.shift() ?? "";
      assert(welcome.includes('"status"'));
      assertEquals(listener.heard, heardIn(events, "A"));
      await rig.ended(await rig.submit(plainGraph(1)));
    });
  });
}

Deno.test("an interrupt of another id is ignored, one of the running id ends it", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("06");
    const listener = await rig.listen(ME);
    const { json } = await rig.post("/prompt", promptsOf(events)[0]);
    const id = JSON.stringify(json).slice(14, 50);
    const steps = () => listener.heard.filter((line) => line.includes('"type":"progress"')).length;
    await until(() => steps() >= 1);
    await rig.post("/interrupt", { prompt_id: "5ab7a3e9-6cb3-4d32-aa87-0a39eca9283a" });
    const seen = steps();
    await until(() => steps() > seen);
    const reply = await rig.post("/interrupt", { prompt_id: id });
    assertEquals([reply.status, reply.type, reply.text], [200, "application/octet-stream", ""]);
    await until(() => isOver(listener));
    listener.heard.shift();
    assertEquals(withoutSteps(listener.heard), withoutSteps(heardIn(events, "A")));
    assert((await rig.ask(`/api/jobs/${id}`)).text.includes('"status":"cancelled"'));
  });
});

Deno.test("a deleted pending prompt leaves a status and nothing else", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    const first = await rig.submit(previewGraph(200, 1), { client_id: "me" });
    const second = await rig.submit(previewGraph(200, 2), { client_id: "me" });
    const third = await rig.submit(previewGraph(200, 3), { client_id: "me" });
    await rig.post("/queue", { delete: [second, "unknown"] });
    assertEquals((await rig.ask(`/history/${second}`)).text, "{}");
    assertEquals((await rig.ask(`/api/jobs/${second}`)).status, 404);
    assertEquals((await rig.post(`/api/jobs/${third}/cancel`)).json, { cancelled: true });
    assertEquals((await rig.post(`/api/jobs/${first}/cancel`)).json, { cancelled: true });
    await until(() => isOver(listener));
    assertEquals((await rig.post("/api/jobs/cancel", { job_ids: [first, second, third] })).json, {
      cancelled: false,
    });
    const counts = listener.heard.filter((line) => line.includes("queue_remaining")).map((line) =>
      Number(/queue_remaining":(\d+)/.exec(line)?.[1])
    );
    // The last one that waited is told twice.
    assertEquals(counts, [0, 1, 1, 2, 3, 2, 1, 1, 0]);
    const strange = await rig.post("/api/jobs/cancel", { job_ids: ["nope"] });
    assertEquals([strange.status, strange.json], [400, {
      error: "job_ids contains invalid id(s)",
      invalid_ids: ["nope"],
    }]);
  });
});

Deno.test("an interrupt while nothing runs does not hit the next prompt", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("08");
    const listener = await rig.listen(ME);
    await rig.post("/interrupt");
    await replayFirst(rig, listener, events);
    listener.heard.shift();
    assertEquals(listener.heard, heardIn(events, "A"));
  });
});

Deno.test("events go to the owner; without an owner progress goes to all, and to nobody for a ghost", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("09");
    const [owned, ownerless, , ghost] = promptsOf(events);
    const a = await rig.listen(ME);
    const b = await rig.listen("36f654498a9e4a408c08b809cecd830a");
    const notes = events.flatMap((event, at) => event.kind === "note" ? [at] : []);
    const parts = [[0, notes[0]], [notes[0], notes[1]], [notes[2], events.length]];
    for (const [at, prompt] of [owned, ownerless, ghost].entries()) {
      a.heard.length = 0;
      b.heard.length = 0;
      await rig.post("/prompt", prompt);
      const isIdle = (one: Listener) => one.heard.some((line) => line.includes('"queue_remaining":0'));
      await until(() => isIdle(a) && isIdle(b) && (at > 0 || isOver(a)));
      const part = events.slice(...parts[at] ?? []);
      assertEquals(a.heard, heardIn(part, "A"));
      assertEquals(b.heard, heardIn(part, "B").filter((_, place) => at > 0 || place > 0));
    }
  });
});

Deno.test("an interrupted prompt without an owner is told to everybody", async () => {
  await withDraft({}, async (rig) => {
    const a = await rig.listen("a");
    const b = await rig.listen("b");
    await rig.submit(previewGraph(400, 4));
    await until(() => a.heard.some((line) => line.includes('"type":"progress"')));
    await rig.post("/interrupt", {});
    const isTold = (one: Listener) => one.heard.some((line) => line.includes("execution_interrupted"));
    await until(() => isTold(a) && isTold(b));
    assert(!a.heard.some((line) => line.includes('"node":null')));
  });
});

Deno.test("a second socket of one id hears the running node, and falls silent with the first", async () => {
  await withDraft({}, async (rig) => {
    const old = await rig.listen("me");
    const id = await rig.submit(previewGraph(400, 5), { client_id: "me" });
    await until(() => old.heard.some((line) => line.includes('"type":"progress"')));
    const fresh = await rig.listen("me");
    await until(() => fresh.heard.length >= 3);
    assert(fresh.heard[1]?.includes('"type":"executing"') && !fresh.heard[1].includes("prompt_id"));
    await old.close();
    const deaf = fresh.heard.length;
    await rig.post("/interrupt", { prompt_id: id });
    await rig.ended(id);
    assertEquals(fresh.heard.length <= deaf + 2, true);
    assert(!isOver(fresh));
  });
});

Deno.test("without the defect the second socket goes on hearing", async () => {
  await withDraft({}, async (rig) => {
    rig.draft.faults.set({ reconnectDefect: false });
    const old = await rig.listen("me");
    const id = await rig.submit(previewGraph(400, 6), { client_id: "me" });
    await until(() => old.heard.some((line) => line.includes('"type":"progress"')));
    const fresh = await rig.listen("me");
    await old.close();
    await rig.post("/interrupt", { prompt_id: id });
    await until(() => isOver(fresh));
  });
});

Deno.test("a blocked node sends an error that is not stored, and the prompt succeeds", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("40");
    const from = events.findIndex((event) => event.text === "execution blocked verbose");
    const to = events.findIndex((event) => event.text?.startsWith("dynamic dependency cycle"));
    const part = events.slice(from, to);
    const listener = await rig.listen("49510c1aac74454a881e1b2c0aee9927");
    await replayFirst(rig, listener, part);
    listener.heard.shift();
    assertEquals(listener.heard, heardIn(part, "A"));
    assert(!(await rig.ask("/history")).text.includes("execution_error"));
  });
});

Deno.test("what finished before a failure stays in the outputs", async () => {
  await withDraft({}, async (rig) => {
    const events = await readRecording("40");
    const from = events.findIndex((event) => event.text?.startsWith("image in second output fails"));
    const part = events.slice(from);
    const listener = await rig.listen("49510c1aac74454a881e1b2c0aee9927");
    await replayFirst(rig, listener, part);
    listener.heard.shift();
    assertEquals(listener.heard, heardIn(part, "A"));
    const history = await rig.ask("/history");
    assert(history.text.includes('"outputs":{"2":{"images":[{"filename":"part_00001_.png"'));
    assert(history.text.includes('"status_str":"error"'));
  });
});

Deno.test("only the lazy input that is asked for runs", async () => {
  await withDraft({}, async (rig) => {
    const listener = await rig.listen("me");
    await rig.submit({
      "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color: 1 } },
      "2": { class_type: "TestSyncError", inputs: { value: ["1", 0] } },
      "3": { class_type: "RecLazy", inputs: { second: false, a: ["1", 0], b: ["2", 0] } },
      "4": { class_type: "PreviewImage", inputs: { images: ["3", 0] } },
    }, { client_id: "me" });
    await until(() => isOver(listener));
    assert(listener.heard.some((line) => line.includes("execution_success")));
    assert(!listener.heard.some((line) => line.includes('"node":"2"')));
  });
});

Deno.test("the same number and id twice kills the worker as recorded, and HTTP goes on", async () => {
  const hold = Promise.withResolvers<void>();
  gates.set("2", hold.promise);
  await withDraft({}, async (rig) => {
    const [running, ...same] = promptsOf(await readRecording("50"));
    await rig.post("/prompt", running);
    assertEquals((await rig.post("/prompt", same[0])).status, 200);
    for (const again of same.slice(1, 3)) {
      const reply = await rig.post("/prompt", again);
      assertEquals([reply.status, reply.type], [500, "text/plain"]);
    }
    const colours = async () =>
      [...(await rig.ask("/queue")).text.matchAll(/"color":(\d+)/g)].map(([, color]) => color);
    assertEquals(await colours(), ["61", "62", "63", "64"]);
    hold.resolve();
    await until(async () => (await colours()).length === 2);
    assertEquals(await colours(), ["63", "64"]);
    assertEquals((await rig.post("/prompt", same[3])).status, 200);
    assertEquals((await rig.ask("/prompt")).json, { exec_info: { queue_remaining: 3 } });
    assertEquals((await rig.ask("/history/5784800f-4162-44ac-9d73-4daad75c30ed")).text, "{}");
    assertEquals((await rig.ask("/system_stats")).status, 200);
  });
});

Deno.test("cached outputs name files that may be gone, also without a client", async () => {
  await withDraft({}, async (rig) => {
    const graph = saveGraph("rec/cache", 777);
    const listener = await rig.listen("me");
    await rig.ended(await rig.submit(graph, { client_id: "me" }));
    await until(() => isOver(listener));
    await rig.draft.obey({
      do: "delete_file",
      filename: "cache_00001_.png",
      subfolder: "rec",
      type: "output",
    });
    listener.heard.length = 0;
    const entry = JSON.stringify(await rig.ended(await rig.submit(graph)));
    assert(entry.includes("cache_00001_.png") && entry.includes('"success"'));
    assertEquals((await rig.ask("/view?filename=cache_00001_.png&subfolder=rec")).status, 404);
    await until(() => listener.heard.at(-1)?.includes('"queue_remaining":0') === true);
    assertEquals(listener.heard, heardIn((await readRecording("70")).slice(-13), "A").slice(-4));
  });
});

Deno.test("before 0.33, and not yet in 0.3.64, cached outputs are missing from history without a client", async () => {
  for (const [version, isMissing] of [["0.3.64", false], ["0.28.0", true]] as const) {
    await withDraft({ version }, async (rig) => {
      const graph = saveGraph("rec/old", 778);
      await rig.ended(await rig.submit(graph));
      const entry = JSON.stringify(await rig.ended(await rig.submit(graph)));
      assertEquals([entry.includes('"outputs":{}'), entry.includes('"success"')], [isMissing, true], version);
    });
  }
});

Deno.test("running, pending and unknown prompts are told apart by jobs and not by history", async () => {
  const hold = Promise.withResolvers<void>();
  gates.set("1.2", hold.promise);
  await withDraft({}, async (rig) => {
    const [first, second] = promptsOf(await readRecording("72"));
    await rig.post("/prompt", first);
    await rig.post("/prompt", second);
    const queue = JSON.parse((await rig.ask("/queue")).text);
    const [running, pending] = [queue.queue_running[0][1], queue.queue_pending[0][1]];
    for (const id of [running, pending, "unknown"]) {
      assertEquals((await rig.ask(`/history/${id}`)).text, "{}");
    }
    const job = async (id: string) => JSON.parse((await rig.ask(`/api/jobs/${id}`)).text);
    const { create_time: _, ...rest } = await job(running);
    assertEquals(rest, {
      id: running,
      status: "in_progress",
      priority: 0,
      outputs_count: 0,
      previewable_outputs_count: 0,
    });
    assertEquals((await job(pending)).status, "pending");
    assertEquals(await job("unknown"), { error: "Job not found" });
    await rig.post("/queue", { clear: true });
    assertEquals((await job(pending)).error, "Job not found");
    hold.resolve();
    await rig.ended(running);
    assertEquals((await job(running)).status, "completed");
  });
});

function plainGraph(color: number) {
  return {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color } },
    "4": { class_type: "PreviewImage", inputs: { images: ["1", 0] } },
  };
}

function saveGraph(prefix: string, color: number) {
  return {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color } },
    "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: prefix } },
  };
}

function previewGraph(steps: number, color: number) {
  return {
    "1": { class_type: "EmptyImage", inputs: { width: 16, height: 16, batch_size: 1, color } },
    "2": { class_type: "RecPreview", inputs: { image: ["1", 0], steps, delay: 0.01 } },
    "4": { class_type: "PreviewImage", inputs: { images: ["2", 0] } },
  };
}
