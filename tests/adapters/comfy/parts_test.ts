/** Decisions of the ComfyUI client as tables. */
import { LIMITS } from "@/adapters/comfy/limits.ts";
import { isStuck, pollDelayMs, sawRestart, stopCalls } from "@/adapters/comfy/parts.ts";
import { isOutOfMemory } from "@/adapters/comfy/problems.ts";
import { wireGraph } from "@/adapters/comfy/graph_text.ts";
import { problemOf } from "@/core/problem.ts";
import { assert, assertEquals, assertThrows } from "@/tests/assert.ts";

Deno.test("looks: 2 to 5 s while the socket is up, faster without it, fastest after an end, not for ever", () => {
  const delay = (connected: boolean, endedAgoMs: number | null, chance = 0) =>
    pollDelayMs({ connected, endedAgoMs }, { limits: LIMITS, random: () => chance });
  assertEquals([delay(true, null, 0), delay(true, null, 1)], [2000, 5000]);
  assert(delay(false, null) < delay(true, null));
  assert(delay(true, 0) < delay(false, null));
  assertEquals(delay(true, LIMITS.endWindowMs), 2000);
});

Deno.test("stuck: waiting work with nothing running, or our own prompt silent for very long", () => {
  const seen = { pending: 0, running: 0, oursRuns: false, silentMs: 1e9 };
  assertEquals(isStuck(seen, LIMITS), false);
  assertEquals(isStuck({ ...seen, pending: 1 }, LIMITS), true);
  assertEquals(isStuck({ ...seen, pending: 1, silentMs: 1000 }, LIMITS), false);
  assertEquals(isStuck({ ...seen, running: 1, oursRuns: true }, LIMITS), true);
  assertEquals(isStuck({ ...seen, running: 1, oursRuns: true, silentMs: 600_000 }, LIMITS), false);
  // Other people's prompts tell us nothing: their silence means nothing.
  assertEquals(isStuck({ ...seen, running: 1, pending: 3 }, LIMITS), false);
});

Deno.test("restart: a counter that fell, a refusal that ended, or a prompt forgotten over a dropped link", () => {
  assertEquals(sawRestart({ number: 0, numberBefore: 7 }), true);
  assertEquals(sawRestart({ number: 8, numberBefore: 7 }), false);
  assertEquals(sawRestart({ number: 0, numberBefore: null }), false);
  assertEquals(sawRestart({ refused: true }), true);
  assertEquals(sawRestart({ forgotten: true }), true);
  assertEquals(sawRestart({}), false);
});

Deno.test("stop: an interrupt always names its prompt, and is only sent while that prompt runs", () => {
  assertEquals(stopCalls("p", { canCancel: true, runsNow: true }).map(({ path }) => path), [
    "api/jobs/p/cancel",
  ]);
  assertEquals(stopCalls("p", { canCancel: false, runsNow: false }), [{
    path: "queue",
    json: { delete: ["p"] },
  }]);
  assertEquals(stopCalls("p", { canCancel: false, runsNow: true })[1], {
    path: "interrupt",
    json: { prompt_id: "p" },
  });
});

Deno.test("memory: torch says it in several ways, and other errors do not", () => {
  const out = [
    { exception_type: "torch.OutOfMemoryError", exception_message: "" },
    { exception_type: "torch.cuda.OutOfMemoryError", exception_message: "" },
    { exception_type: "RuntimeError", exception_message: "CUDA error: out of memory" },
    { exception_type: "RuntimeError", exception_message: "DefaultCPUAllocator: not enough memory: 12 bytes" },
  ];
  assertEquals(out.map(isOutOfMemory), [true, true, true, true]);
  const tips = "shapes differ\n\nTIPS: you may be out of memory";
  assertEquals(isOutOfMemory({ exception_type: "RuntimeError", exception_message: tips }), false);
});

Deno.test("wire: 64-bit seeds keep their digits, and a number that lost some is refused [XC22]", () => {
  const graph = (seed: unknown) => ({ "1": { class_type: "KSampler", inputs: { seed, steps: 4 } } });
  const seedOf = (seed: unknown) => wireGraph(graph(seed))["1"]?.inputs.seed;
  assertEquals(seedOf("18446744073709551615"), "18446744073709551615");
  assertEquals(seedOf(18446744073709551615n), "18446744073709551615");
  assertEquals(seedOf(42), 42);
  assertThrows(() => wireGraph(graph(2 ** 53)), (thrown) => {
    assertEquals(problemOf(thrown).code, "template.bind_failed");
  });
});
