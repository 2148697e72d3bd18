/** When a server that fails film after film is held, and when it is given work again. */
import {
  fareOn,
  type Faring,
  HELD_AFTER,
  holdMs,
  onTrial,
  type ServerWord,
  takesNew,
  trusted,
  UNTRIED,
} from "@/core/faring.ts";
import { assertEquals } from "@/tests/assert.ts";

const done: ServerWord = { backendId: "b", word: "done" };
const failed = (jobId: string, at = 0, shared = false): ServerWord => ({
  backendId: "b",
  word: "failed",
  shared,
  failure: { at, jobId, stepId: "render", promptId: `p-${jobId}`, cause: "Node 3: RuntimeError: broken" },
});
const shared = (jobId: string): ServerWord => ({ backendId: "b", word: "shared", jobId });
const after = (words: ServerWord[], from: Faring = UNTRIED) => words.reduce(fareOn, from);

const TABLE: { name: string; words: ServerWord[]; heldUntil: number | null }[] = [
  { name: "two films that fail", words: [failed("a"), failed("b")], heldUntil: null },
  { name: "three films in a row", words: [failed("a"), failed("b"), failed("c", 5)], heldUntil: 30_005 },
  { name: "one film three times", words: [failed("a"), failed("a"), failed("a")], heldUntil: null },
  { name: "a success between", words: [failed("a"), failed("b"), done, failed("c")], heldUntil: null },
  {
    name: "films that failed elsewhere too count half",
    words: [failed("a", 0, true), failed("b", 0, true), failed("c", 0, true)],
    heldUntil: null,
  },
  {
    name: "six of those are too many",
    words: ["a", "b", "c", "d", "e", "f"].map((id) => failed(id, 0, true)),
    heldUntil: 30_000,
  },
  {
    name: "a film turns out to be at fault itself",
    words: [failed("a"), failed("b"), failed("c"), shared("a")],
    heldUntil: null,
  },
  {
    name: "what was under way when it was held",
    words: [failed("a"), failed("b"), failed("c"), failed("d", 20_000)],
    heldUntil: 30_000,
  },
  {
    name: "a trial that failed holds for twice as long",
    words: [failed("a"), failed("b"), failed("c"), failed("d", 40_000)],
    heldUntil: 100_000,
  },
  {
    name: "a trial that succeeded",
    words: [failed("a"), failed("b"), failed("c"), done],
    heldUntil: null,
  },
];

for (const { name, words, heldUntil } of TABLE) {
  Deno.test(`a server's hold, ${name}`, () => assertEquals(after(words).heldUntil, heldUntil));
}

Deno.test("a held server is given nothing, then one prompt, and everything once one succeeded", () => {
  const held = after([failed("a"), failed("b"), failed("c")]);
  assertEquals(takesNew(held, { held: 0, now: 29_999 }), false);
  assertEquals(takesNew(held, { held: 0, now: 30_000 }), true);
  assertEquals(takesNew(held, { held: 1, now: 30_000 }), false);
  assertEquals(takesNew(fareOn(held, done), { held: 1, now: 30_000 }), true);
  assertEquals(takesNew(null, { held: 3, now: 0 }), true);
});

Deno.test("holds grow to ten minutes", () => {
  assertEquals([1, 2, 3, 4, 5, 6, 60].map(holdMs), [30e3, 60e3, 120e3, 240e3, 480e3, 600e3, 600e3]);
});

Deno.test("a person or a restart ends the wait; what failed stays counted", () => {
  const held = after(Array.from({ length: HELD_AFTER }, (_, n) => failed(String(n))));
  assertEquals(trusted(held).heldUntil, null);
  assertEquals(trusted(held).failed, HELD_AFTER);
  assertEquals(onTrial(held, 7).heldUntil, 7);
  assertEquals(onTrial(UNTRIED, 7), UNTRIED);
  assertEquals(fareOn(UNTRIED, done), UNTRIED);
});
