/** The rules of a job as tables of plain values: what each message changes and what it leaves alone. */
import type { Step } from "@/core/plan.ts";
import { problem, type ProblemCode } from "@/core/problem.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { chainPlan, file, FILM, JobBench, sha } from "./bench.ts";

function ready(chunks = 2): JobBench {
  const bench = new JobBench(chainPlan(chunks));
  bench.start();
  bench.local("prepare");
  return bench;
}

function complete(chunks = 2): JobBench {
  const bench = ready(chunks);
  for (let n = 1; n <= chunks; n++) bench.render(`chunk-${n}`);
  bench.local("join", FILM);
  return bench;
}

Deno.test("a job passes every status in order and names each in an event [AX25]", () => {
  const bench = complete();
  const way = ["validating", "uploading_assets", "queued", "executing", "collecting_outputs", "completed"];
  assertEquals(bench.statuses(), way);
  assertEquals(bench.shown.status, "completed");
  assertEquals(bench.shown.share, 1);
  assertEquals(bench.slots.size, 0);
});

Deno.test("a step begins only when all that it needs is done", () => {
  const bench = ready();
  assertEquals(bench.row("chunk-1").state, "ready");
  assertEquals(bench.row("chunk-2").state, "pending");
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-2").state, "ready");
  assertEquals(bench.row("chunk-2").uses, { prepare: 0, "chunk-1": 0 });
  assertEquals(bench.row("join").state, "pending");
});

Deno.test("a granted step keeps its prompt id before anything is asked of the server [AX26]", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  assertEquals(bench.shown.promptId, promptId);
  const effect = bench.effects.get(promptId);
  assertEquals(effect?.kind, "ensure_prompt");
});

Deno.test("the slot is free as soon as the server is done, while files are still fetched", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  assertEquals(bench.slots.get(promptId), "held");
  bench.finishPrompt("chunk-1");
  assertEquals(bench.slots.size, 0);
  assertEquals(bench.row("chunk-1").state, "collecting");
});

Deno.test("a prompt that ended between two looks was started before it was done, and is shown as being made [AX25]", () => {
  const story = (bench: JobBench) =>
    bench.events.filter(({ body }) => body?.step === "chunk-1").map(({ kind }) => kind);
  const short = ready();
  short.grant("chunk-1");
  short.finishPrompt("chunk-1");
  assertEquals(short.statuses().at(-1), "executing");
  // The server says that it took 1 ms.
  assertEquals(short.row("chunk-1").startedAt, short.at - 1);
  short.collect("chunk-1");
  assertEquals(story(short), ["step.started", "step.done"]);
  const seen = ready();
  seen.render("chunk-1");
  assertEquals(story(seen), ["step.started", "step.done"]);
});

Deno.test("while the files of a part are fetched or read again, the stage says so [AX25]", () => {
  const bench = ready();
  bench.grant("chunk-1");
  assertEquals(bench.shown.stage, "Part 1 of 2: sent to a render server");
  bench.finishPrompt("chunk-1");
  assertEquals(bench.shown.stage, "Part 1 of 2: its files are being fetched");
  bench.collect("chunk-1");
  assertEquals(bench.shown.stage, "Part 2 of 2: waits for a render server");
  bench.tell({ type: "step.reused", ...bench.key("chunk-2"), outputs: [file("clip")] });
  assertEquals(bench.shown.stage, "Part 2 of 2: made before, its files are being checked");
});

Deno.test("a film without main file, poster or metadata is failed, not completed [AX30]", () => {
  for (const missing of ["film", "poster", "metadata"]) {
    const bench = ready(1);
    bench.render("chunk-1");
    bench.local("join", FILM.filter((made) => made.role !== missing));
    assertEquals(bench.shown.status, "failed", missing);
    assertEquals(bench.shown.problem?.code, "job.result_incomplete");
    assertEquals(bench.outputs, []);
  }
  assertEquals(complete(1).outputs.length, 1);
});

Deno.test("a run delivers the newest film with its facts, once and as its own [AX30]", () => {
  const film = (name: string) => FILM.map((made) => ({ ...made, sha256: sha(`${name} ${made.role}`) }));
  const bench = ready();
  bench.render("chunk-1");
  bench.render("chunk-2");
  bench.plans.set(2, chainPlan(2));
  // The join is under way when a part is taken again: what it makes is old when it comes.
  bench.tell({ type: "retake", rev: 2, step: "chunk-2", follow: "keep" });
  bench.tell({ type: "local.done", ...bench.key("join"), outputs: film("old"), facts: { frames: 1 } });
  bench.render("chunk-2");
  bench.tell({ type: "local.done", ...bench.key("join"), outputs: film("new"), facts: { frames: 2 } });
  assertEquals(bench.shown.status, "completed");
  const told = () => bench.outputs.map(({ run, file, metadata }) => [run, file, metadata.frames]);
  const first = [1, `${sha("new film")}.bin`, 2];
  assertEquals(told(), [first]);
  bench.plans.set(3, chainPlan(2));
  bench.tell({ type: "retake", rev: 3, step: "chunk-2", follow: "keep" });
  bench.render("chunk-2");
  bench.tell({ type: "local.done", ...bench.key("join"), outputs: film("newest"), facts: { frames: 3 } });
  assertEquals(told(), [first, [2, `${sha("newest film")}.bin`, 3]]);
});

Deno.test("node errors fail the job with their sentence and without another try [AX27]", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  bench.tell({
    type: "prompt.failed",
    ...bench.key("chunk-1"),
    promptId,
    problem: problem("comfy.rejected"),
  });
  assertEquals(bench.shown.status, "failed");
  assertEquals(bench.shown.problem?.code, "comfy.rejected");
  assertEquals(bench.mail.filter((mail) => mail.kind === "retry.due"), []);
  assertEquals(bench.slots.size, 0);
});

Deno.test("a passing failure waits longer each time and stops at the limit [XC8]", () => {
  const bench = ready();
  const delays: number[] = [];
  for (let n = 0; n < 3; n++) {
    const promptId = bench.grant("chunk-1");
    bench.tell({ type: "prompt.failed", ...bench.key("chunk-1"), promptId, problem: problem("comfy.proxy") });
    const timer = bench.mail.at(-1);
    assertEquals(timer?.kind, "retry.due");
    delays.push(timer?.delayMs ?? 0);
    assertEquals(bench.row("chunk-1").state, "pending");
    bench.tell({ type: "retry.due", ...bench.key("chunk-1") });
    assertEquals(bench.row("chunk-1").state, "ready");
  }
  delays.forEach((delay, n) =>
    assert(delay >= 800 * 2 ** n && delay <= 1200 * 2 ** n, `delay ${n} is ${delay}`)
  );
  const promptId = bench.grant("chunk-1");
  bench.tell({ type: "prompt.failed", ...bench.key("chunk-1"), promptId, problem: problem("comfy.proxy") });
  assertEquals(bench.shown.status, "failed");
});

Deno.test("[XC8] a Retry-After is honoured", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  const late = problem("comfy.proxy", { retryAfterMs: 90_000 });
  bench.tell({ type: "prompt.failed", ...bench.key("chunk-1"), promptId, problem: late });
  assert((bench.mail.at(-1)?.delayMs ?? 0) >= 90_000);
});

Deno.test("running out of memory is tried once more, not four times", () => {
  const bench = ready();
  for (let n = 0; n < 2; n++) {
    const promptId = bench.grant("chunk-1");
    bench.tell({
      type: "prompt.failed",
      ...bench.key("chunk-1"),
      promptId,
      problem: problem("comfy.out_of_memory"),
    });
    if (n === 0) bench.tell({ type: "retry.due", ...bench.key("chunk-1") });
  }
  assertEquals(bench.shown.status, "failed");
});

Deno.test("[LX12] what takes too long is tried exactly once more, as an event tells; a second time it has failed", () => {
  const bench = ready();
  const late = () => {
    const promptId = bench.grant("chunk-1");
    bench.tell({ type: "prompt.started", ...bench.key("chunk-1"), promptId });
    bench.tell({
      type: "prompt.failed",
      ...bench.key("chunk-1"),
      promptId,
      problem: problem("comfy.timeout"),
    });
    return promptId;
  };
  const first = late();
  assertEquals(bench.slots.get(first), "stopping", "it may still run there");
  assertEquals([bench.row("chunk-1").state, bench.row("chunk-1").failures], ["pending", 1]);
  const told = bench.events.filter(({ kind }) => kind === "step.retry");
  assertEquals(told.map(({ body }) => body?.failures), [1]);
  bench.tell({ type: "retry.due", ...bench.key("chunk-1") });
  late();
  assertEquals([bench.row("chunk-1").state, bench.row("chunk-1").failures], ["failed", 2]);
  assertEquals(bench.state.problem?.code, "comfy.timeout");
});

Deno.test("how long a part took is right though the server's clock is hours off", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  bench.at += 60_000;
  const [startedAt, endedAt] = [5 * 3_600_000, 5 * 3_600_000 + 42_000];
  bench.tell({ type: "prompt.finished", ...bench.key("chunk-1"), promptId, startedAt, endedAt, files: [] });
  assertEquals(bench.row("chunk-1").startedAt, bench.at - 42_000);
});

Deno.test("a prompt that the server forgot runs once more, then the job fails [AX29]", () => {
  const bench = ready();
  const first = bench.grant("chunk-1");
  bench.tell({ type: "prompt.lost", ...bench.key("chunk-1"), promptId: first });
  assertEquals(bench.row("chunk-1").state, "ready");
  const second = bench.grant("chunk-1");
  assert(second !== first);
  bench.tell({ type: "prompt.lost", ...bench.key("chunk-1"), promptId: second });
  assertEquals(bench.shown.status, "failed");
  assertEquals(bench.shown.problem?.code, "comfy.lost");
});

Deno.test("a silent server loses its work to another one, without using up a failure", () => {
  const bench = ready();
  for (let n = 0; n < 6; n++) {
    const promptId = bench.grant("chunk-1");
    bench.tell({ type: "prompt.unreachable", ...bench.key("chunk-1"), promptId });
    assertEquals(bench.row("chunk-1").state, "ready");
    assertEquals(bench.slots.get(promptId), "stopping");
    assert(bench.effects.has(`stop:${promptId}`));
  }
  assertEquals(bench.row("chunk-1").failures, 0);
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-1").state, "done");
});

Deno.test("old news changes nothing: another take, attempt or prompt", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  const key = bench.key("chunk-1");
  const before = structuredClone({ state: bench.state, rows: bench.rows });
  const stale = { ...key, attempt: key.attempt + 1 };
  bench.tell({ type: "prompt.failed", ...stale, promptId, problem: problem("comfy.rejected") });
  bench.tell({ type: "prompt.failed", ...key, promptId: "another", problem: problem("comfy.rejected") });
  bench.tell({ type: "prompt.lost", ...key, take: 1, promptId });
  bench.tell({ type: "outputs.collected", ...key, outputs: [file("clip")] });
  bench.tell({ type: "retry.due", ...key });
  bench.tell({ type: "cancel.due", run: 7 });
  assertEquals({ state: bench.state, rows: bench.rows }, before);
});

Deno.test("the same message twice changes state once [XC6]", () => {
  const bench = ready();
  bench.render("chunk-1");
  const again = {
    type: "outputs.collected" as const,
    ...bench.key("chunk-1"),
    outputs: [file("clip", "other")],
  };
  const [rows, events] = [structuredClone(bench.rows), bench.events.length];
  bench.tell(again);
  bench.tell({ type: "start" });
  assertEquals(bench.rows, rows);
  assertEquals(bench.events.length, events);
});

Deno.test("cancel shows at once, waits for the backend, and leaves finished steps [XC19]", () => {
  const bench = ready();
  bench.render("chunk-1");
  const promptId = bench.grant("chunk-2");
  bench.tell({ type: "cancel" });
  assert(bench.shown.cancelling);
  assert(bench.revoked.includes(promptId));
  assertEquals(bench.slots.get(promptId), "stopping");
  assertEquals(bench.row("chunk-2").state, "cancelled");
  bench.tell({ type: "prompt.stopped", promptId, step: "chunk-2" });
  assertEquals(bench.shown.status, "cancelled");
  assert(!bench.shown.cancelling);
  assertEquals(bench.slots.size, 0);
  assertEquals(bench.row("chunk-1").state, "done");
});

Deno.test("cancel is forced when the backend stays silent; the slot stays until the prompt is gone", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  bench.tell({ type: "cancel" });
  assertEquals(bench.mail.at(-1)?.delayMs, 30_000);
  bench.tell({ type: "cancel.due", run: 1 });
  assertEquals(bench.shown.status, "cancelled");
  assertEquals(bench.slots.get(promptId), "stopping");
  bench.tell({ type: "prompt.stopped", promptId, step: "chunk-1" });
  assertEquals(bench.slots.size, 0);
  assertEquals(bench.statuses().filter((status) => status === "cancelled").length, 1);
});

Deno.test("cancel is possible in every state that is not terminal [XC19]", () => {
  const moments: ((bench: JobBench) => void)[] = [
    () => {},
    (bench) => bench.tell({ type: "start" }),
    (bench) => bench.start(),
    (bench) => (bench.start(), bench.local("prepare")),
    (bench) => (bench.start(), bench.local("prepare"), bench.grant("chunk-1"), bench.finishPrompt("chunk-1")),
    (bench) => (bench.start(), bench.tell({ type: "pause", now: false })),
  ];
  for (const [n, moment] of moments.entries()) {
    const bench = new JobBench(chainPlan(1));
    moment(bench);
    bench.tell({ type: "cancel" });
    assertEquals(bench.shown.status, "cancelled", `moment ${n}`);
    assertEquals(
      [...bench.rows.values()].filter((row) => ["ready", "running", "collecting"].includes(row.state)),
      [],
    );
  }
});

Deno.test("pause starts nothing new and keeps what runs", () => {
  const bench = ready();
  bench.grant("chunk-1");
  bench.tell({ type: "pause", now: false });
  assertEquals(bench.shown.stage, "Pauses after this part");
  bench.finishPrompt("chunk-1");
  bench.collect("chunk-1");
  assertEquals(bench.row("chunk-1").state, "done");
  assertEquals(bench.row("chunk-2").state, "pending");
  assertEquals(bench.shown.stage, "Paused");
  assertEquals(bench.slots.size, 0);
  bench.tell({ type: "resume" });
  assertEquals(bench.row("chunk-2").state, "ready");
});

Deno.test("what operators let go on is only what they paused: their owner's pause stays", () => {
  const bench = ready();
  bench.tell({ type: "pause", now: false });
  bench.tell({ type: "pause", now: false, byOperator: true });
  bench.tell({ type: "resume", onlyOperators: true });
  assertEquals([bench.shown.paused, bench.row("chunk-1").state], [true, "pending"]);
  bench.tell({ type: "resume" });
  bench.tell({ type: "pause", now: false, byOperator: true });
  assertEquals(bench.shown.paused, true);
  bench.tell({ type: "resume", onlyOperators: true });
  assertEquals([bench.shown.paused, bench.row("chunk-1").state], [false, "ready"]);
});

Deno.test("pause now stops the running prompt without using up a failure", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  bench.tell({ type: "pause", now: true });
  assertEquals(bench.row("chunk-1").state, "pending");
  assertEquals(bench.row("chunk-1").failures, 0);
  assertEquals(bench.slots.get(promptId), "stopping");
  bench.tell({ type: "resume" });
  assertEquals(bench.row("chunk-1").state, "ready");
  const again = bench.grant("chunk-1");
  bench.tell({ type: "prompt.stopped", promptId, step: "chunk-1" });
  assertEquals(bench.slots.get(again), "held");
});

Deno.test("retry begins a new run with the failed step only", () => {
  const bench = ready();
  bench.render("chunk-1");
  const promptId = bench.grant("chunk-2");
  bench.tell({
    type: "prompt.failed",
    ...bench.key("chunk-2"),
    promptId,
    problem: problem("comfy.execution"),
  });
  assertEquals(bench.shown.status, "failed");
  bench.tell({ type: "retry" });
  assertEquals([bench.shown.status, bench.shown.run], ["queued", 2]);
  assertEquals(bench.row("chunk-1").state, "done");
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
  assertEquals(bench.statuses().slice(-4), ["queued", "executing", "collecting_outputs", "completed"]);
});

Deno.test("retry with another plan makes what is not done by that one; a plan that changes what is done is refused", () => {
  const bench = ready();
  bench.render("chunk-1");
  const lighter = chainPlan(2, { rev: "fast" });
  const kept = new Map(bench.plans.get(1)?.steps.map((step) => [step.id, step]));
  const steps = lighter.steps.map((step) =>
    ["prepare", "chunk-1"].includes(step.id) ? kept.get(step.id) ?? step : step
  );
  bench.plans.set(2, lighter);
  bench.plans.set(3, { ...lighter, steps });
  for (let n = 0; n < 2; n++) {
    const promptId = bench.grant("chunk-2");
    const found = problem("comfy.out_of_memory");
    bench.tell({ type: "prompt.failed", ...bench.key("chunk-2"), promptId, problem: found });
    if (n === 0) bench.tell({ type: "retry.due", ...bench.key("chunk-2") });
  }
  bench.tell({ type: "retry", rev: 2 });
  assertEquals([bench.shown.status, bench.shown.rev], ["failed", 1], "the first part is done as it is");
  bench.tell({ type: "retry", rev: 3 });
  assertEquals([bench.shown.status, bench.shown.rev, bench.shown.run], ["queued", 3, 2]);
  assertEquals([bench.row("chunk-1").rev, bench.row("chunk-2").rev], [1, 3]);
  bench.tell({ type: "retry", rev: 3 });
  assertEquals([bench.shown.run, bench.row("chunk-2").state], [2, "ready"], "told twice it is done once");
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("a job that failed at its inputs checks them again on retry", () => {
  const bench = new JobBench(chainPlan(1));
  bench.tell({ type: "start" });
  bench.tell({ type: "inputs.checked", run: 1, problem: problem("job.input_changed") });
  assertEquals(bench.shown.status, "failed");
  bench.tell({ type: "retry" });
  assertEquals(bench.effects.has("job:check:2"), true);
});

Deno.test("an edit changes what has not started and is refused for what has", () => {
  const bench = ready();
  bench.plans.set(2, chainPlan(2, { rev: "new" }));
  bench.tell({ type: "edit", rev: 2 });
  assertEquals(bench.state.rev, 1);
  assertEquals(bench.events.at(-1)?.kind, "edit.refused");
  const later = chainPlan(2);
  const steps = later.steps.map((step) => step.id === "chunk-2" ? { ...step, form: sha("changed") } : step);
  bench.plans.set(3, { ...later, steps });
  bench.tell({ type: "edit", rev: 3 });
  assertEquals(bench.state.rev, 3);
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-2").rev, 3);
});

Deno.test("digests follow content: equal plans agree, a changed form or take differs downstream", () => {
  const [a, b] = [complete(), complete()];
  assertEquals(a.row("join").digest, b.row("join").digest);
  const c = new JobBench(chainPlan(2, { rev: "other" }));
  c.start();
  c.local("prepare");
  assert(c.row("chunk-1").digest !== a.row("chunk-1").digest);
});

for (const follow of ["rerun", "keep"] as const) {
  Deno.test(`retake of a finished film with "${follow}" makes what the person chose`, () => {
    const bench = complete(3);
    bench.plans.set(2, chainPlan(3));
    bench.tell({ type: "retake", rev: 2, step: "chunk-2", follow });
    assertEquals([bench.shown.status, bench.shown.run], ["queued", 2]);
    assertEquals(bench.row("chunk-3", 0).stale, true);
    assertEquals(bench.row("chunk-2", 0).state, "done");
    bench.render("chunk-2");
    assertEquals(bench.row("chunk-2").take, 1);
    assertEquals([bench.row("chunk-2", 0).chosen, bench.row("chunk-2", 1).chosen], [false, true]);
    if (follow === "rerun") bench.render("chunk-3");
    assertEquals(bench.row("chunk-3").take, follow === "rerun" ? 1 : 0);
    assertEquals(bench.row("chunk-3").stale, follow === "keep");
    bench.local("join", FILM);
    assertEquals(bench.row("join").uses["chunk-2"], 1);
    assertEquals(bench.row("join").uses["chunk-3"], follow === "rerun" ? 1 : 0);
    assertEquals(bench.shown.status, "completed");
    assertEquals(bench.outputs.length, 2);
  });
}

/** Two passes and a look at what came of them, then a chunk that goes on from the look; all of it made. */
function twoPasses(): JobBench {
  const plan = chainPlan(3);
  const steps = plan.steps.map((step): Step => {
    if (step.id !== "chunk-2") return step.id === "chunk-3" ? { ...step, needs: ["look"] } : step;
    return { ...step, values: { latent: { file: { from: "step", step: "chunk-1", role: "latent" } } } };
  });
  const look = { kind: "local" as const, id: "look", title: "Look", phase: "render" as const, op: "look" };
  steps.splice(3, 0, {
    ...look,
    weight: 1,
    needs: ["chunk-2"],
    values: {},
    form: sha("look"),
    timeLimitS: 60,
  });
  const bench = new JobBench({ ...plan, steps });
  bench.start();
  bench.local("prepare");
  for (const id of ["chunk-1", "chunk-2"]) bench.render(id);
  bench.local("look");
  bench.render("chunk-3");
  bench.local("join", FILM);
  bench.plans.set(2, { ...plan, steps });
  return bench;
}

const takesOf = (bench: JobBench) =>
  ["chunk-1", "chunk-2", "look", "chunk-3", "join"].map((id) => bench.row(id).take);

Deno.test("whatever follows is kept, the second pass and the look at it are made again with a new first pass", () => {
  const bench = twoPasses();
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "keep" });
  for (const id of ["chunk-1", "chunk-2"]) bench.render(id);
  bench.local("look");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, ...takesOf(bench)], ["completed", 1, 1, 1, 0, 1]);
});

Deno.test("a person is asked what follows a new take of two passes when both are there to be seen", () => {
  const bench = twoPasses();
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "ask" });
  bench.render("chunk-1");
  assertEquals(bench.shown.stage.includes("choose"), false);
  bench.render("chunk-2");
  bench.local("look");
  assertEquals([bench.shown.status, bench.shown.stage.includes("choose")], ["executing", true]);
  assertEquals(bench.row("chunk-3").take, 0);
  bench.tell({ type: "follow", step: "chunk-1", choice: "rerun" });
  bench.render("chunk-3");
  bench.local("join", FILM);
  assertEquals([bench.shown.status, ...takesOf(bench)], ["completed", 1, 1, 1, 1, 1]);
});

Deno.test("a retake that asks waits for the person, then does as told", () => {
  const bench = complete(2);
  bench.plans.set(2, chainPlan(2));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "ask" });
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-2").take, 0);
  assertEquals(bench.shown.status, "executing");
  assert(bench.shown.stage.includes("choose"));
  bench.tell({ type: "follow", step: "chunk-1", choice: "rerun" });
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("a retake of a running step stops it and later steps wait for the new take", () => {
  const bench = ready(2);
  const promptId = bench.grant("chunk-1");
  bench.plans.set(2, chainPlan(2));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "rerun" });
  assertEquals(bench.row("chunk-1", 0).state, "cancelled");
  assertEquals(bench.slots.get(promptId), "stopping");
  bench.render("chunk-1");
  assertEquals(bench.row("chunk-2").uses["chunk-1"], 1);
});

Deno.test("a step that had not started cannot be taken again", () => {
  const bench = ready(2);
  bench.plans.set(2, chainPlan(2));
  bench.tell({ type: "retake", rev: 2, step: "chunk-2", follow: "rerun" });
  assertEquals(bench.events.at(-1)?.kind, "retake.refused");
  assertEquals(bench.state.rev, 1);
});

Deno.test("files that vanished from storage are made again, then the step that needed them", () => {
  const bench = ready(2);
  bench.render("chunk-1");
  bench.grant("chunk-2");
  bench.tell({ type: "files.missing", ...bench.key("chunk-2"), steps: ["chunk-1"] });
  assertEquals(bench.row("chunk-1").state, "ready");
  assertEquals(bench.row("chunk-2").state, "pending");
  assertEquals(bench.slots.size, 0);
  bench.render("chunk-1");
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("work that was done before is read again and used", () => {
  const bench = ready(1);
  bench.tell({ type: "step.reused", ...bench.key("chunk-1"), outputs: [file("clip")] });
  assertEquals(bench.row("chunk-1").state, "collecting");
  assertEquals(bench.effectKinds().includes("verify_files"), true);
  bench.collect("chunk-1");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("reused files that turn out damaged are made anew", () => {
  const bench = ready(1);
  bench.tell({ type: "step.reused", ...bench.key("chunk-1"), outputs: [file("clip")] });
  bench.tell({ type: "outputs.failed", ...bench.key("chunk-1"), problem: problem("storage.missing") });
  assertEquals(bench.row("chunk-1").state, "ready");
  assertEquals(bench.row("chunk-1").failures, 0);
});

Deno.test("[PR30] [PR42] a failed render of a long take is tried three times again, at first after 5 s, then its text is the end", () => {
  const bench = ready(1);
  const policy = { failuresMax: 4, retryBaseMs: 5000 };
  bench.state = { ...bench.state, policy: { ...policy, tenacious: true } };
  const found = problem("comfy.execution", { operator: "Node 3: RuntimeError: shapes differ" });
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 4; attempt++) {
    const promptId = bench.grant("chunk-1");
    const key = { step: "chunk-1", take: 0, attempt };
    assertEquals(bench.row("chunk-1").attempt, attempt);
    // Another prompt's failure is nobody's here.
    bench.tell({ type: "prompt.failed", ...key, promptId: "other", problem: found });
    bench.tell({ type: "prompt.failed", ...key, promptId, problem: found });
    if (attempt === 4) break;
    waits.push(Number(bench.mail.at(-1)?.delayMs));
    bench.tell({ type: "retry.due", ...key });
  }
  assertEquals(waits.map((wait, at) => Math.abs(wait / (5000 * 2 ** at) - 1) <= 0.2), [true, true, true]);
  assertEquals([bench.shown.status, bench.shown.problem?.operator], ["failed", found.operator]);
  const once = ready(1);
  const promptId = once.grant("chunk-1");
  once.tell({ type: "prompt.failed", step: "chunk-1", take: 0, attempt: 1, promptId, problem: found });
  assertEquals(once.shown.status, "failed");
});

Deno.test("a failure lets what runs finish and keeps it", () => {
  const plan = chainPlan(2);
  const [prepare, one, two, join] = plan.steps;
  assert(prepare && one && two && join);
  const fanned = { ...plan, steps: [prepare, one, { ...two, needs: ["prepare"] }, join] };
  const bench = new JobBench(fanned);
  bench.start();
  bench.local("prepare");
  const [first] = [bench.grant("chunk-1"), bench.grant("chunk-2")];
  bench.tell({
    type: "prompt.failed",
    ...bench.key("chunk-1"),
    promptId: first,
    problem: problem("comfy.execution"),
  });
  assert(bench.shown.status !== "failed");
  bench.finishPrompt("chunk-2");
  bench.collect("chunk-2");
  assertEquals(bench.row("chunk-2").state, "done");
  assertEquals(bench.shown.status, "failed");
});

Deno.test("the share shown never falls within a run", () => {
  const bench = ready(3);
  let last = 0;
  const look = () => {
    assert(bench.shown.share >= last);
    last = bench.shown.share;
  };
  bench.render("chunk-1");
  look();
  bench.plans.set(2, chainPlan(3));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "rerun" });
  look();
  for (const id of ["chunk-1", "chunk-2", "chunk-3"]) {
    bench.render(id);
    look();
  }
  bench.local("join", FILM);
  look();
  assertEquals(last, 1);
});

Deno.test("a job that met a bug of ours ends as failed and gives back what it held", async () => {
  const { job } = await import("@/actors/job/kind.ts");
  const bench = ready(1);
  bench.grant("chunk-1");
  const plan = chainPlan(1);
  const steps = new Map([...bench.rows.values()].map((row) => [row.id, [row]]));
  const view = {
    actor: { id: "job", userId: "u", priority: 0 },
    state: bench.state,
    plan,
    plans: new Map([[1, plan]]),
    steps,
  };
  const outcome = job.crashed(view, problem("studio.bug"), { at: 1, hash: () => "00" });
  assertEquals(outcome.state.phase, "failed");
  assertEquals(outcome.slots.map((slot) => slot.op), ["stopping"]);
});

Deno.test("a retry after a cancelled choice joins the takes that are chosen now", () => {
  const bench = complete(1);
  bench.plans.set(2, chainPlan(1));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "ask" });
  bench.render("chunk-1");
  bench.tell({ type: "cancel" });
  bench.tell({ type: "retry" });
  assertEquals(bench.row("join").take, 1);
  bench.local("join", FILM);
  assertEquals(bench.row("join").uses, { "chunk-1": 1 });
  assertEquals([bench.shown.status, bench.outputs.length], ["completed", 2]);
});

Deno.test("a retry of an incomplete film makes its last step again", () => {
  const bench = ready(1);
  bench.render("chunk-1");
  bench.local("join", []);
  bench.tell({ type: "retry" });
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
});

Deno.test("a done step that lost its files is made again from the same takes, whatever was chosen since", () => {
  const bench = complete(3);
  bench.plans.set(2, chainPlan(3));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "keep" });
  bench.render("chunk-1");
  bench.tell({ type: "files.missing", ...bench.key("join"), steps: ["chunk-2"] });
  assertEquals(bench.row("chunk-2").uses["chunk-1"], 0);
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals([bench.row("join").uses["chunk-1"], bench.row("join").uses["chunk-2"]], [1, 0]);
});

Deno.test("a retake that an earlier retake overtakes is settled by the newest take", () => {
  const bench = complete(2);
  bench.plans.set(2, chainPlan(2));
  bench.plans.set(3, chainPlan(2));
  bench.tell({ type: "retake", rev: 2, step: "chunk-2", follow: "rerun" });
  bench.tell({ type: "retake", rev: 3, step: "chunk-1", follow: "rerun" });
  bench.render("chunk-1");
  bench.render("chunk-2");
  bench.local("join", FILM);
  assertEquals(bench.shown.status, "completed");
  assertEquals(bench.state.retakes, []);
});

Deno.test("the share of a retake begins at what is done and stays", () => {
  const bench = complete(2);
  bench.plans.set(2, chainPlan(2));
  bench.tell({ type: "retake", rev: 2, step: "chunk-1", follow: "keep" });
  // Of 22 the part weighs 10 and the join, which is certain to come again, 1.
  assertEquals(bench.shown.share, 11 / 22);
  bench.render("chunk-1");
  assertEquals(bench.shown.share, 21 / 22);
});

Deno.test("what failed on a server between two looks is shown as having been made there", () => {
  const bench = ready();
  const promptId = bench.grant("chunk-1");
  const { take, attempt } = bench.row("chunk-1");
  const reply = { step: "chunk-1", take, attempt, promptId };
  bench.tell({
    type: "prompt.failed",
    ...reply,
    problem: problem("comfy.execution", { operator: "Node 3: no" }),
  });
  const names = bench.statuses();
  assertEquals(names.slice(names.indexOf("queued")), ["queued", "executing", "failed"]);
});

Deno.test("a prompt that failed on one server, or that it refused, is tried once on another, without using up a try; then it has failed", () => {
  for (const code of ["comfy.execution", "comfy.rejected"] as const) tryElsewhere(code);
});

function tryElsewhere(code: ProblemCode): void {
  const bench = ready();
  const fails = (elsewhere: boolean) => {
    const promptId = bench.grant("chunk-1");
    const { take, attempt } = bench.row("chunk-1");
    const found = problem(code, { operator: "Node 3: no" });
    bench.tell({
      type: "prompt.failed",
      step: "chunk-1",
      take,
      attempt,
      promptId,
      problem: found,
      elsewhere,
    });
  };
  fails(true);
  const { state, failures, backendId, avoid } = bench.row("chunk-1");
  assertEquals([state, failures, backendId], ["ready", 0, null]);
  assertEquals(typeof avoid, "string");
  assertEquals(bench.events.at(-1)?.kind, "step.elsewhere");
  fails(true);
  assertEquals(bench.row("chunk-1").state, "failed");
}
