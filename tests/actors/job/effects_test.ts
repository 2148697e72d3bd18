/** The effects of a job one by one: each asks before it acts, and leaves nothing half done. */
import { progressOf } from "@/actors/job/effects/progress.ts";
import { learnPaces, NO_PACES, paceOf, type Sample } from "@/core/paces.ts";
import type { Progress } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import { problems } from "@/core/words/problems.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { bindSim, hash } from "@/tests/sim/plans.ts";
import { chainPlan, JobBench, sha } from "./bench.ts";
import { clip, DOWN_MS, EffectBench, ENSURE, JOIN, picture, PROMPT, SHOT, STOP } from "./effects_bench.ts";

const OURS = `output/animatrix/${PROMPT}/clip_00001_.mp4`;
const OUTPUT = {
  role: "clip",
  ord: 0,
  node: "save",
  filename: "clip_00001_.mp4",
  subfolder: `animatrix/${PROMPT}`,
  type: "output" as const,
};

/** The graph of the shot, as it would be after the files were uploaded. */
async function graphOn(bench: EffectBench) {
  const plan = await bench.store.plan("job-1", 1);
  const step = plan?.steps.find(({ id }) => id === "shot");
  assert(step?.kind === "prompt");
  const fileName = () => "animatrix/known.png";
  bench.server.files.set("input/animatrix/known.png", new Uint8Array([1]));
  return bindSim(step, { fileName, promptId: PROMPT }).graph;
}

Deno.test("a prompt is sent once, followed to its end, and its files are named by role", async () => {
  const bench = await EffectBench.open();
  const { said, told } = await bench.askAndRun(ENSURE);
  assert(said?.type === "prompt.finished");
  assertEquals(said.files, [OUTPUT]);
  assertEquals(bench.server.posts, new Map([[PROMPT, 1]]));
  assertEquals(told.map(({ type }) => type), ["prompt.started"]);
});

Deno.test("[XC5] a prompt that the server has already is followed and never sent again", async () => {
  for (const state of ["pending", "running", "finished"]) {
    const bench = await EffectBench.open();
    if (state === "pending") bench.server.post("another", await graphOn(bench));
    bench.server.post(PROMPT, await graphOn(bench));
    if (state === "finished") await bench.clock.advance(3000);
    bench.server.pump();
    assertEquals(bench.server.find(PROMPT).state, state);
    const { said } = await bench.askAndRun(ENSURE);
    assertEquals(said?.type, "prompt.finished");
    assertEquals(bench.server.posts.get(PROMPT), 1, state);
    assertEquals(bench.server.runs.get(PROMPT), 1, state);
  }
});

Deno.test("[AX25] a prompt's start is told when it starts, however seldom the server is looked at", async () => {
  const bench = await EffectBench.open();
  bench.server.options.pollMs = 3_600_000;
  bench.server.post("another", await graphOn(bench));
  const told: number[] = [];
  const { said } = await bench.askAndRun(ENSURE, { onTold: () => told.push(bench.clock.now()) });
  assert(said?.type === "prompt.finished" && said.startedAt !== null);
  assertEquals(told.length, 1);
  const late = (told[0] ?? Infinity) - said.startedAt;
  assert(late < 2000, `told ${late} ms after the start`);
});

Deno.test("[AX25] progress tells what is left by all the time so far, and at the end that the files are fetched", async () => {
  const bench = await EffectBench.open();
  const told: Progress[] = [];
  bench.ports.progress.publish = (progress) => void told.push(progress);
  await bench.askAndRun(ENSURE);
  const shares = told.map(({ step }) => step?.share ?? 0);
  assertEquals(shares, [...shares].sort((a, b) => a - b));
  // Weights: 1 is done, 10 are the shot, 1 is left; the shot takes 2 s.
  const half = told.find(({ step }) => step?.share === 0.5);
  assert(half?.etaS, JSON.stringify(told));
  assert(Math.abs(half.etaS - (0.2 * 6)) < 0.1, `${half.etaS}`);
  assertEquals(told.at(-1)?.stage, "Part 1 of 1: its files are being fetched");
});

Deno.test("the pace of preparing foretells nothing: no time left is told before something is rendered or joined", async () => {
  const bench = await EffectBench.open();
  const told: Progress[] = [];
  bench.ports.progress.publish = (progress) => void told.push(progress);
  await bench.ask(ENSURE);
  const claim = await bench.claim("ensure_prompt");
  const plan = await bench.store.plan("job-1", 1);
  const rows = await bench.store.steps("job-1");
  const [step, row] = [plan?.steps[0], rows[0]];
  assert(plan && step && row);
  for (const phase of ["prepare", "render"] as const) {
    const of = { claim, ports: bench.ports, plan, step: { ...step, phase }, row, rows };
    const report = progressOf({ ...of, paces: NO_PACES, backendId: "alpha" });
    for (const share of [0, 0.5, 0.9]) {
      report({ share });
      await bench.clock.advance(1000);
    }
  }
  assertEquals(told.map(({ etaS }) => etaS !== null), [false, false, false, false, true, true]);
});

/** The shot of the bench, as it was done `tookS` seconds ago and before. */
function done(tookS: number): Sample {
  const work = { engine: "comfy" as const, template: "animate/move", shape: "balanced", backendId: "alpha" };
  return { ...work, jobId: crypto.randomUUID(), weight: 10, tookS };
}

Deno.test("[AX25] from the first film on, progress tells what is left by what such work took here", async () => {
  const bench = await EffectBench.open();
  bench.ports.paces = () => Promise.resolve(learnPaces([done(100)]));
  const told: Progress[] = [];
  bench.ports.progress.publish = (progress) => void told.push(progress);
  await bench.askAndRun(ENSURE);
  const first = told[0]?.etaS ?? 0;
  assert(first > 70 && first < 130, `${first}`);
});

Deno.test("[LX11] [LX12] a prompt has twice the upper end of what its like took here, and a second try twice that", async () => {
  const took = async (paces: Sample[], failures: number) => {
    const bench = await EffectBench.open();
    bench.server.options.durationMs = () => 3_600_000_000;
    bench.ports.paces = () => Promise.resolve(learnPaces(paces));
    await bench.setStep("shot", { failures });
    const beganAt = bench.clock.now();
    const { said } = await bench.askAndRun(ENSURE);
    assert(said?.type === "prompt.failed");
    assertEquals(said.problem.code, "comfy.timeout");
    return (bench.clock.now() - beganAt) / 1000;
  };
  const near = (seconds: number, wanted: number) =>
    assert(Math.abs(seconds - wanted) < wanted * 0.05, `${seconds} s, not ${wanted} s`);
  // The plan's own bound holds until there is a history, and where films are quick.
  near(await took([], 0), 60);
  near(await took([], 1), 120);
  near(await took([], 3), 120);
  near(await took(Array.from({ length: 20 }, () => done(5)), 0), 60);
  const slow = Array.from({ length: 40 }, (_, n) => done(40 + n / 5));
  const paces = learnPaces(slow);
  const pace = paceOf(paces, slow[0] ?? done(0));
  assert(pace.high * 10 > 40 && pace.high * 10 < 60, `${pace.high}`);
  near(await took(slow, 0), 2 * 10 * pace.high);
  near(await took(slow, 1), 4 * 10 * pace.high);
});

/** A prompt that the server took, then its runner died, then the server restarted. */
async function forgotten(): Promise<EffectBench> {
  const bench = await EffectBench.open();
  await bench.ask(ENSURE);
  const claim = await bench.claim("ensure_prompt", "dead runner");
  bench.server.post(PROMPT, await graphOn(bench));
  assert(await bench.store.note(claim.id, claim.token, "accepted"));
  await bench.store.release("dead runner");
  bench.server.restart();
  return bench;
}

Deno.test("[AX29] a prompt that was accepted and is unknown now is told as lost, and not sent again behind the job's back", async () => {
  const bench = await forgotten();
  const { said } = await bench.run("ensure_prompt");
  assertEquals(said, { type: "prompt.lost", ...SHOT, promptId: PROMPT });
  assertEquals(bench.server.posts.get(PROMPT), 1);
});

Deno.test("[LX22] a lost output is found under the prompt's own prefix, and never by being the newest file", async () => {
  const bench = await forgotten();
  const { files } = bench.server;
  const newest = [
    "output/newest.mp4",
    "output/animatrix/another/clip_00001_.mp4",
    "output/animatrix/clip_00009_.mp4",
  ];
  for (const place of newest) files.set(place, new Uint8Array([9]));
  assertEquals((await bench.run("ensure_prompt")).said?.type, "prompt.lost");

  const kept = await forgotten();
  kept.server.files.set(OURS, new Uint8Array([1]));
  for (const place of newest) kept.server.files.set(place, new Uint8Array([9]));
  const { said } = await kept.run("ensure_prompt");
  assert(said?.type === "prompt.finished");
  assertEquals(said.files, [OUTPUT]);
  assertEquals(kept.server.posts.get(PROMPT), 1);
});

Deno.test("[LX22] a lost output that ends early was not finished: the work is lost, whatever lies there", async () => {
  const whole = await Deno.readFile(new URL("../../../static/samples/drive.mp4", import.meta.url));
  for (
    const [bytes, type] of [
      [whole, "prompt.finished"],
      [whole.subarray(0, whole.length - 1), "prompt.lost"],
      [whole.subarray(0, 600), "prompt.lost"],
      [new Uint8Array(0), "prompt.lost"],
    ] as const
  ) {
    const bench = await forgotten();
    bench.server.files.set(OURS, bytes);
    assertEquals((await bench.run("ensure_prompt")).said?.type, type, `${bytes.length} bytes`);
  }
});

Deno.test("[LX19] [LX20] running out of memory frees it once and is told with what to take instead; other failures free nothing", async () => {
  for (
    const [end, freed, code] of [["oom", 1, "comfy.out_of_memory"], ["error", 0, "comfy.execution"]] as const
  ) {
    const bench = await EffectBench.open();
    bench.server.plan(end);
    const { said } = await bench.askAndRun(ENSURE);
    assert(said?.type === "prompt.failed");
    assertEquals([said.problem.code, bench.server.freed], [code, freed]);
    assertEquals(said.problem.message === "Take the preset Fast.", freed === 1);
  }
});

Deno.test("a silent server is waited for; only after the limit the work is told as unreachable", async () => {
  const bench = await EffectBench.open();
  bench.server.cutOff(10 * DOWN_MS);
  await bench.ask(ENSURE);
  assert("putOffMs" in (await bench.run("ensure_prompt")).end, "up");
  const lastSeenAt = bench.clock.now();
  await bench.setBackend({ status: "down", lastSeenAt });
  await bench.clock.advance(DOWN_MS - 2000);
  assert("putOffMs" in (await bench.run("ensure_prompt")).end, "down for less than the limit");
  await bench.clock.advance(DOWN_MS);
  const { said } = await bench.run("ensure_prompt");
  assertEquals(said, { type: "prompt.unreachable", ...SHOT, promptId: PROMPT });
  assertEquals(bench.server.posts.size, 0);
});

Deno.test("what waits on a server whose worker is dead goes to others; what runs there is let run", async () => {
  for (const [waits, said] of [[true, "prompt.unreachable"], [false, "prompt.finished"]] as const) {
    const bench = await EffectBench.open();
    if (waits) bench.server.killWorker();
    await bench.setBackend({ problem: problems["comfy.stuck"] });
    assertEquals((await bench.askAndRun(ENSURE)).said?.type, said);
    assertEquals(bench.server.posts.get(PROMPT), 1);
  }
});

Deno.test("a drained server that falls silent loses its work to others like any other", async () => {
  const bench = await EffectBench.open();
  bench.server.cutOff(10 * DOWN_MS);
  await bench.ask(ENSURE);
  const lastSeenAt = bench.clock.now();
  await bench.setBackend({ status: "drain", lastSeenAt });
  await bench.clock.advance(2 * DOWN_MS);
  assert("putOffMs" in (await bench.run("ensure_prompt")).end, "it answers the watch");
  await bench.setBackend({ status: "drain", lastSeenAt, problem: "The server cannot be reached." });
  await bench.clock.advance(2 * DOWN_MS);
  const { said } = await bench.run("ensure_prompt");
  assertEquals(said, { type: "prompt.unreachable", ...SHOT, promptId: PROMPT });
});

Deno.test("a carried file that vanished names the step that made it, before anything is sent", async () => {
  const bench = await EffectBench.open();
  bench.disk.files.delete(`${clip.sha256}.${clip.ext}`);
  const { said } = await bench.askAndRun(ENSURE);
  assertEquals(said, { type: "files.missing", ...SHOT, steps: ["prepare"] });
  assertEquals([bench.server.posts.size, bench.uploads.length], [0, 0]);
});

Deno.test("a file goes to a server once, and again only after the server began a new life", async () => {
  const bench = await EffectBench.open();
  const both = [`${picture.sha256}.${picture.ext}`, `${clip.sha256}.${clip.ext}`];
  await bench.askAndRun(ENSURE);
  assertEquals(bench.uploads, both);
  const again = "5f0c0f7e-95a9-4c5a-8f0e-2f7e54b1a002";
  await bench.setStep("shot", { promptId: again });
  assertEquals((await bench.askAndRun({ ...ENSURE, promptId: again })).said?.type, "prompt.finished");
  assertEquals(bench.uploads, both);
  bench.server.wipe();
  await bench.setBackend({ epoch: 2 });
  const anew = "5f0c0f7e-95a9-4c5a-8f0e-2f7e54b1a003";
  await bench.setStep("shot", { promptId: anew });
  assertEquals((await bench.askAndRun({ ...ENSURE, promptId: anew })).said?.type, "prompt.finished");
  assertEquals(bench.uploads, [...both, ...both]);
});

Deno.test("[AX24] the name that the server gave an upload is what the graph receives, for pictures and clips alike", async () => {
  const bench = await EffectBench.open();
  const { comfy } = bench;
  bench.comfy = Object.assign(Object.create(comfy), {
    async upload(file: Parameters<typeof comfy.upload>[0], signal?: AbortSignal) {
      await comfy.upload(file, signal);
      const named = `renamed by the server/${file.name.slice(0, 6)} (1)`;
      bench.server.files.set(`input/${named}`, new Uint8Array([1]));
      return named;
    },
    find: comfy.find.bind(comfy),
    submit: comfy.submit.bind(comfy),
    wait: comfy.wait.bind(comfy),
    definitions: comfy.definitions.bind(comfy),
  });
  assertEquals((await bench.askAndRun(ENSURE)).said?.type, "prompt.finished");
  const graph = bench.server.graphs.get(PROMPT);
  assertEquals(
    [graph?.start?.inputs.image, graph?.tail?.inputs.image],
    [picture, clip].map(({ sha256 }) => `renamed by the server/${sha256.slice(0, 6)} (1)`),
  );
});

Deno.test("what a prompt made is fetched, stored under its hash and known on that server", async () => {
  const bench = await EffectBench.open();
  await bench.askAndRun(ENSURE);
  const made = bench.server.files.get(OURS);
  assert(made);
  const collect = { kind: "collect_outputs" as const, ...SHOT, rev: 1, backendId: "alpha", promptId: PROMPT };
  const { said } = await bench.askAndRun({ ...collect, files: [OUTPUT] });
  const sha256 = hash(made);
  assertEquals(said, {
    type: "outputs.collected",
    ...SHOT,
    outputs: [{ role: "clip", ord: 0, sha256, ext: "mp4", bytes: made.byteLength }],
  });
  assertEquals(bench.disk.files.get(`${sha256}.mp4`), made);
  assertEquals(
    await bench.store.backendFile("alpha", sha256),
    `animatrix/${PROMPT}/clip_00001_.mp4 [output]`,
  );
  bench.server.deleteOutputs();
  const gone = (await bench.askAndRun({ ...collect, files: [OUTPUT] })).said;
  assert(gone?.type === "outputs.failed");
  assertEquals(gone.problem.code, "comfy.output_missing");
});

Deno.test("a server that the studio cannot even turn to is our trouble: no film is judged, the work is put off", async () => {
  const bench = await EffectBench.open();
  bench.ports.comfy = () => {
    throw fail("studio.config");
  };
  const collect = { kind: "collect_outputs" as const, ...SHOT, rev: 1, backendId: "alpha", promptId: PROMPT };
  for (const req of [ENSURE, { ...collect, files: [OUTPUT] }, STOP]) {
    assert("putOffMs" in (await bench.askAndRun(req)).end, req.kind);
  }
});

Deno.test("[XC19] [LX21] cancel interrupts the running prompt, deletes a waiting one, touches no other, and then reports cancelled", async () => {
  for (const state of ["running", "pending"] as const) {
    const bench = await EffectBench.open();
    const graph = await graphOn(bench);
    const [first, second] = state === "running" ? [PROMPT, "another"] : ["another", PROMPT];
    bench.server.post(first, graph);
    bench.server.post(second, graph);
    assertEquals(bench.server.find(PROMPT).state, state);

    const job = new JobBench(chainPlan(1));
    job.start();
    job.local("prepare");
    const granted = job.grant("chunk-1", "alpha");
    job.tell({ type: "cancel" });
    const asked = job.effects.get(`stop:${granted}`);
    assertEquals(asked?.req, { ...STOP, step: "chunk-1", promptId: granted });
    assert(job.shown.status !== "cancelled");
    const { said } = await bench.askAndRun(STOP);
    assertEquals(said, { type: "prompt.stopped", step: "shot", promptId: PROMPT });
    const { running, pending } = bench.server.queue();
    assertEquals([...running, ...pending], ["another"]);
    job.tell({ type: "prompt.stopped", step: "chunk-1", promptId: granted });
    assertEquals(job.shown.status, "cancelled");
  }
});

Deno.test("a stop waits while a runner that was revoked may still be sending its prompt", async () => {
  const bench = await EffectBench.open();
  await bench.ask(ENSURE);
  await bench.claim("ensure_prompt", "slow runner");
  await bench.ask(STOP);
  assert("putOffMs" in (await bench.run("stop_prompt")).end, "its lease holds");
  bench.server.post(PROMPT, await graphOn(bench));
  await bench.clock.advance(300);
  assertEquals((await bench.run("stop_prompt")).said?.type, "prompt.stopped");
  assertEquals(bench.server.queue(), { running: [], pending: [] });

  const late = await EffectBench.open();
  await late.ask(ENSURE);
  await late.claim("ensure_prompt", "dead runner");
  await late.ask(STOP);
  await late.clock.advance(20_000);
  assertEquals((await late.run("stop_prompt")).said?.type, "prompt.stopped");
});

Deno.test("a missing upload refuses the job; without any server to ask the job may queue", async () => {
  const bench = await EffectBench.open();
  const check = { kind: "check_inputs" as const, run: 1 };
  assertEquals((await bench.askAndRun(check)).said, { type: "inputs.checked", run: 1, problem: null });
  bench.server.cutOff(DOWN_MS);
  assertEquals((await bench.askAndRun(check)).said, { type: "inputs.checked", run: 1, problem: null });
  bench.disk.files.delete(`${picture.sha256}.${picture.ext}`);
  const { said } = await bench.askAndRun(check);
  assert(said?.type === "inputs.checked");
  assertEquals(said.problem?.code, "job.input_changed");
});

Deno.test("local work stores every role, and its folder is gone afterwards", async () => {
  const bench = await EffectBench.open();
  const { said } = await bench.askAndRun(JOIN);
  assert(said?.type === "local.done");
  assertEquals(said.outputs.map(({ role, ord }) => [role, ord]), [["film", 0], ["poster", 0], [
    "metadata",
    0,
  ]]);
  assert(said.outputs.every(({ sha256, ext }) => bench.disk.files.has(`${sha256}.${ext}`)));
  assertEquals(bench.scratches.size, 0);
});

Deno.test("local work that fails leaves no folder and no file behind", async () => {
  const bench = await EffectBench.open();
  const before = new Set(bench.disk.files.keys());
  bench.ports.local = () => Promise.reject(fail("media.failed"));
  const { said } = await bench.askAndRun(JOIN);
  assert(said?.type === "local.failed");
  assertEquals(said.problem.code, "media.failed");
  assertEquals(bench.scratches.size, 0);
  assertEquals(new Set(bench.disk.files.keys()), before);
});

Deno.test("[XC19] local work that is cancelled half-way leaves no folder, no file and no word", async () => {
  const bench = await EffectBench.open();
  const before = new Set(bench.disk.files.keys());
  const cancel = new AbortController();
  let begun = false;
  bench.ports.local = (_op, { signal }) => {
    begun = true;
    setTimeout(() => cancel.abort(new Error("revoked")), 0);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  await bench.ask(JOIN);
  await assertRejects(
    () => bench.run("run_local", { signal: cancel.signal }),
    (thrown) => assert(String(thrown).includes("revoked")),
  );
  assert(begun);
  assertEquals(bench.scratches.size, 0);
  assertEquals(new Set(bench.disk.files.keys()), before);
});

Deno.test("local work that takes too long is ended and told as too long, with twice the time after a failure", async () => {
  for (const [failures, limitMs] of [[0, 60_000], [1, 120_000]] as const) {
    const bench = await EffectBench.open();
    await bench.setStep("join", { failures });
    const startedAt = bench.clock.monotonic();
    let endedAt = startedAt;
    bench.ports.local = (_op, { signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          endedAt = bench.clock.monotonic();
          reject(signal.reason);
        })
      );
    const { said } = await bench.askAndRun(JOIN);
    assert(said?.type === "local.failed");
    assertEquals(said.problem.code, "media.timeout");
    assertEquals(endedAt - startedAt, limitMs);
    assertEquals(bench.scratches.size, 0);
  }
});

Deno.test("local work begins only with enough disk, and only with its files", async () => {
  const bench = await EffectBench.open();
  let began = 0;
  bench.ports.local = () => (began++, Promise.resolve({ files: [], facts: {} }));
  bench.disk.full = true;
  await bench.ask(JOIN);
  assert("putOffMs" in (await bench.run("run_local")).end);
  bench.disk.full = false;
  bench.disk.files.delete(`${clip.sha256}.${clip.ext}`);
  await bench.clock.advance(30_000);
  assertEquals((await bench.run("run_local")).said, {
    type: "files.missing",
    step: "join",
    take: 0,
    attempt: 1,
    steps: ["prepare"],
  });
  assertEquals(began, 0);
});

Deno.test("in maintenance no film begins, and one that has begun goes on with what needs no server", async () => {
  const bench = await EffectBench.open();
  bench.maintained = true;
  for (const step of ["prepare", "shot"]) await bench.setStep(step, { state: "pending" });
  await bench.ask(JOIN);
  assert("putOffMs" in (await bench.run("run_local")).end);
  await bench.setStep("prepare", { state: "done", outputs: [clip] });
  await bench.clock.advance(30_000);
  assertEquals((await bench.run("run_local")).said?.type, "local.done");
});

Deno.test("reused files that are damaged are not used, and nobody reuses them again", async () => {
  const bench = await EffectBench.open();
  const verify = { kind: "verify_files" as const, ...SHOT, outputs: [clip] };
  const digest = sha("the shot");
  await bench.setStep("shot", { state: "done", digest, outputs: [clip] });
  const userId = (await bench.store.actor("job-1"))?.userId ?? "";
  const { said: good, end: kept } = await bench.askAndRun(verify);
  assertEquals(good?.type, "outputs.collected");
  assert("finish" in kept, "it waits");
  const named = kept.finish.outputs?.map(({ sha256, role }) => [sha256, role]);
  assertEquals(named, [[clip.sha256, clip.role]], "the files are this job's from now on");
  assertEquals((await bench.store.findDone(userId, digest))?.stepId, "shot");
  bench.disk.files.set(`${clip.sha256}.${clip.ext}`, new Uint8Array([0]));
  const { said } = await bench.askAndRun(verify);
  assert(said?.type === "outputs.failed");
  assertEquals(said.problem.code, "storage.missing");
  assertEquals(await bench.store.findDone(userId, digest), null);
});

Deno.test("what the person gave is sent ahead once, and failing at that is no failure", async () => {
  const bench = await EffectBench.open();
  const ahead = { kind: "send_ahead" as const, run: 1 };
  bench.server.cutOff(1000);
  assertEquals((await bench.askAndRun(ahead)).end, {
    finish: { status: "done", result: null, mail: [] },
  });
  assertEquals(bench.server.files.size, 0);
  await bench.clock.advance(1000);
  bench.uploads.length = 0;
  for (let n = 0; n < 2; n++) await bench.askAndRun(ahead);
  assertEquals(bench.uploads, [`${picture.sha256}.${picture.ext}`]);
  await bench.askAndRun(ENSURE);
  assertEquals(bench.uploads.length, 2);
});
