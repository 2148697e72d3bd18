/** One long take in virtual time, harmed at each of its steps in turn: it ends well, and no pass is rendered twice. */
import type { Snapshot } from "@/db/inspect.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { singlePlan, takePlan } from "./plans.ts";
import { type Hand, type SimOptions, simulate } from "./simulate.ts";

const KINDS = ["high-1", "low-1", "piece-1", "high-3", "low-3", "piece-3", "join"];
const PASSES = 6;
const UNDER_WAY = ["granted", "running", "collecting"];

async function harmedAt(step: string, harm: (hand: Hand, snap: Snapshot) => void) {
  let isDone = false;
  const meddle = (snap: Snapshot, hand: Hand) => {
    if (isDone || !snap.steps.some(({ id, state }) => id === step && UNDER_WAY.includes(state))) return;
    isDone = true;
    harm(hand, snap);
  };
  const { statuses, violations, posts } = await simulate({ seed: 11, takes: 1, calm: true, meddle });
  return { isDone, statuses: [...statuses], violations, posts };
}

const WELL = { isDone: true, statuses: [["completed", 1]], violations: [], posts: PASSES };

Deno.test("[PR31] kill -9 at each kind of step of a take, and it goes on at that step without rendering a pass twice", async () => {
  for (const step of KINDS) assertEquals<unknown>(await harmedAt(step, (hand) => hand.killAll()), WELL, step);
});

Deno.test("a disk that is full at any step of a take holds it up: what is finished stays, and it goes on when there is room", async () => {
  for (const step of KINDS) {
    assertEquals<unknown>(await harmedAt(step, (hand) => hand.fillDisk(20_000)), WELL, step);
  }
});

const LOST: [what: string, of: string, before: string, again: number][] = [
  ["latent", "high-3", "low-3", 1],
  ["reference", "piece-2", "high-3", 0],
  // These takes keep nothing, so its latent was let go before and is made again as well.
  ["segment", "low-2", "join", 2],
];

for (const [what, of, before, again] of LOST) {
  Deno.test(`[PR28] a ${what} that is gone when it is needed is made again with what it needs, and nothing else`, async () => {
    const harmed = await harmedAt(before, (hand, { steps }) => {
      for (const { id, outputs } of steps) {
        if (id === of) { for (const { sha256, ext } of outputs) hand.lose(`${sha256}.${ext}`); }
      }
    });
    assertEquals<unknown>(harmed, { ...WELL, posts: PASSES + again });
  });
}

Deno.test("a take is cut at each kind of step, with a crash at once: it ends as the shorter one, and nothing of that is rendered twice", async () => {
  for (const [at, step] of KINDS.entries()) {
    const harmed = await harmedAt(step, (hand) => {
      hand.cut(2);
      hand.killAll();
    });
    // What lies beyond the new end was begun or not.
    const beyond = Math.max(0, Math.min(2, at - 2));
    const { posts, ...rest } = harmed;
    assertEquals<unknown>({ ...rest, posts: PASSES }, WELL, step);
    assert(posts >= 4 && posts <= 4 + beyond, `${step}: ${posts}`);
  }
});

const PIECES = 10;
const PASS_MS = 1000;

/** From the first prompt to the last file. */
async function spanOf(options: Partial<SimOptions>): Promise<number> {
  let rows: Snapshot["steps"] = [];
  const { statuses } = await simulate({
    seed: 5,
    calm: true,
    ...options,
    meddle: ({ steps }) => rows = steps,
  });
  assertEquals([...statuses.keys()], ["completed"]);
  const ends = rows.map(({ endedAt }) => endedAt ?? 0);
  return Math.max(...ends) - Math.min(...rows.map(({ startedAt }) => startedAt ?? Infinity));
}

Deno.test("[PR51] takes of ten pieces need at most twice the time of as many single jobs, each of both passes in one", async () => {
  const takes = await spanOf({
    takes: 2,
    promptMs: PASS_MS,
    makeTake: (world, id) => takePlan(world, id, PIECES),
  });
  const singles = await spanOf({ takes: 2 * PIECES, promptMs: 2 * PASS_MS, makeTake: singlePlan });
  assert(takes <= 2 * singles, `${takes} ms, ${singles} ms`);
  // Two servers have so much to do at least.
  assert(singles >= PIECES * 2 * PASS_MS, `${singles} ms`);
});
