/** The fake ComfyUI keeps the rules that the simulation relies on. */
import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { problemOf } from "@/core/problem.ts";
import type { Graph } from "@/core/template.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { type FakeCall, FakeServer, type FakeServerOptions, type Fate } from "./fake_comfy.ts";
import { readFakeContent } from "./fake_outputs.ts";

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const A = "0b5c1f8e-0000-4000-8000-00000000000a";
const C = "0b5c1f8e-0000-4000-8000-00000000000c";
const B = "0b5c1f8e-0000-4000-8000-00000000000b";

function makeServer(options: Partial<FakeServerOptions> = {}) {
  const clock = new ManualClock();
  const server = new FakeServer({ clock, random: () => 0.5, hash, durationMs: () => 1000, ...options });
  return { clock, server, comfy: server.client() };
}

function saveGraph(promptId: string, image?: string): Graph {
  const source = image === undefined
    ? { class_type: "EmptyImage", inputs: { color: 1 } }
    : { class_type: "LoadImage", inputs: { image } };
  return {
    "1": source,
    "2": {
      class_type: "SaveImage",
      inputs: { images: ["1", 0], filename_prefix: `animatrix/${promptId}` },
      _meta: { title: "Save" },
    },
  };
}

async function readAll(stream: ReadableStream<Uint8Array>) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("fake: one prompt executes at a time and the next starts when it ends", async () => {
  const { clock, server, comfy } = makeServer();
  await comfy.submit(A, saveGraph(A));
  await comfy.submit(B, saveGraph(B));
  assertEquals(await comfy.find(A), { state: "running" });
  assertEquals(await comfy.find(B), { state: "pending" });
  await clock.advance(1500);
  assertEquals((await comfy.find(A)).state, "finished");
  assertEquals((await comfy.find(B)).state, "running");
  await clock.advance(500);
  assertEquals((await comfy.find(B)).state, "finished");
  assertEquals(server.peak, 2);
});

Deno.test("fake: an output names the content of the files that it was made from", async () => {
  const { clock, comfy } = makeServer();
  const bytes = new TextEncoder().encode("a picture");
  const sha256 = hash(bytes);
  const open = () => Promise.resolve(new Response(bytes).body ?? new ReadableStream());
  const value = await comfy.upload({ name: `${sha256}.png`, bytes: bytes.byteLength, open });
  await comfy.submit(A, saveGraph(A, value));
  await clock.advance(1000);
  const state = await comfy.find(A);
  assert(state.state === "finished");
  const output = state.outputs[0];
  assert(output !== undefined);
  assertEquals([output.subfolder, output.filename, output.key], ["animatrix", `${A}_00001_.png`, "images"]);
  const content = readFakeContent(await readAll(await comfy.download(output)));
  assertEquals([content?.inputs, content?.title], [[sha256], "Save"]);
});

Deno.test("fake: two graphs that differ only in their prefix make the same bytes", async () => {
  const { clock, comfy } = makeServer();
  await comfy.submit(A, saveGraph(A));
  await comfy.submit(B, saveGraph(B));
  await clock.advance(3000);
  const made: string[] = [];
  for (const id of [A, B]) {
    const state = await comfy.find(id);
    assert(state.state === "finished" && state.outputs[0] !== undefined);
    made.push(hash(await readAll(await comfy.download(state.outputs[0]))));
  }
  assertEquals(made[0], made[1]);
});

Deno.test("fake: a lost reply still submits, and asking finds the prompt", async () => {
  let fate: Fate = "after";
  const { server, comfy } = makeServer({ hook: (call: FakeCall) => call.method === "submit" ? fate : "ok" });
  await assertRejects(() => comfy.submit(A, saveGraph(A)));
  assertEquals(await comfy.find(A), { state: "running" });
  fate = "ok";
  await comfy.submit(A, saveGraph(A));
  assertEquals(server.posts.get(A), 1, "a second submit asks first");
});

Deno.test("fake: two callers that submit one id at once are counted", async () => {
  const { server, comfy } = makeServer();
  await Promise.all([comfy.submit(A, saveGraph(A)), server.client("other").submit(A, saveGraph(A))]);
  assertEquals(server.posts.get(A), 2);
});

Deno.test("fake: a restart forgets prompts, raises the epoch and keeps files", async () => {
  const { clock, server, comfy } = makeServer();
  await comfy.submit(A, saveGraph(A));
  await clock.advance(1000);
  const before = await comfy.find(A);
  assert(before.state === "finished" && before.outputs[0] !== undefined);
  server.restart();
  assertEquals(await comfy.find(A), { state: "unknown" });
  assertEquals((await comfy.status()).epoch, 2);
  assertEquals(await comfy.exists(before.outputs[0]), true);
  server.wipe();
  assertEquals(await comfy.exists(before.outputs[0]), false);
});

Deno.test("fake: stop removes a waiting prompt without a trace and cancels a running one", async () => {
  const { comfy } = makeServer();
  await comfy.submit(A, saveGraph(A));
  await comfy.submit(B, saveGraph(B));
  assertEquals(await comfy.stop(B), true);
  assertEquals(await comfy.find(B), { state: "unknown" });
  assertEquals(await comfy.stop(A), true);
  assertEquals(await comfy.find(A), { state: "cancelled" });
});

Deno.test("fake: planned ends come in order, and a loader of a missing file is refused", async () => {
  const { clock, server, comfy } = makeServer();
  server.plan("oom", "error");
  await comfy.submit(A, saveGraph(A));
  await comfy.submit(B, saveGraph(B));
  await clock.advance(3000);
  const codes = [];
  for (const id of [A, B]) {
    const state = await comfy.find(id);
    codes.push(state.state === "failed" ? state.problem.code : state.state);
  }
  assertEquals(codes, ["comfy.out_of_memory", "comfy.execution"]);
  const refused = await assertRejects(() => comfy.submit(C, saveGraph(C, "animatrix/none.png")));
  assertEquals(problemOf(refused).code, "comfy.rejected");
});

Deno.test("fake: a cut-off server answers nothing and goes on working", async () => {
  const { clock, server, comfy } = makeServer();
  await comfy.submit(A, saveGraph(A));
  server.cutOff(2000);
  const lost = await assertRejects(() => comfy.find(A));
  assertEquals(problemOf(lost).code, "comfy.unreachable");
  await clock.advance(2000);
  assertEquals((await comfy.find(A)).state, "finished");
});

Deno.test("fake: a dead worker accepts prompts, runs none and is reported stuck", async () => {
  const { clock, server, comfy } = makeServer();
  server.killWorker();
  await comfy.submit(A, saveGraph(A));
  await clock.advance(60_000);
  assertEquals(await comfy.find(A), { state: "pending" });
  assertEquals((await comfy.status()).stuck, true);
});

Deno.test("fake: wait ends with the start and with the end event, or after the poll interval when the server is mute", async () => {
  const { clock, server, comfy } = makeServer({ pollMs: 2000 });
  await comfy.submit(A, saveGraph(A));
  const heard: string[] = [];
  let woke = 0;
  const signal = new AbortController().signal;
  const wait = () =>
    comfy.wait(A, { signal, onNews: (news) => heard.push(news.kind) }).then(() => woke = clock.monotonic());
  await wait();
  assertEquals([woke, heard], [0, ["started"]]);
  const waiting = wait();
  await clock.advance(1000);
  server.pump();
  await waiting;
  assertEquals([woke, heard], [1000, ["started", "ended"]]);
  await comfy.submit(B, saveGraph(B));
  server.muted = true;
  const deaf = wait();
  await clock.advance(2500);
  server.pump();
  await deaf;
  assertEquals([woke, heard], [3000, ["started", "ended"]]);
});
