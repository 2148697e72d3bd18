/** The page of a long take: two passes and a look as one part, how its pieces meet, and the film before correction. */
import { faceOf } from "@/components/job/face.ts";
import { joinLine, joinNote } from "@/components/job/joins.tsx";
import { clipsSoFar, partShare, partsOf } from "@/components/job/view.ts";
import { endsOf } from "@/components/job/cut.tsx";
import { commandOf } from "@/components/job/commands.ts";
import type { ShownJobDetail, ShownStep } from "@/core/shown.ts";
import type { ShownChunk, ShownFigures, ShownTake } from "@/core/shown_take.ts";
import { assertEquals } from "@/tests/assert.ts";
import { progressOf, shownDetail, shownTake, strip } from "./jobs.ts";

type State = ShownStep["state"];

/** The steps of one piece; its small copy is there when it was looked at. */
function piece(number: number, states: [State, State, State], take = 0): ShownStep[] {
  const [high, low] = [2 * number - 1, 2 * number].map((n) => String(n).padStart(3, "0"));
  return [`high-${high}`, `low-${low}`, `piece-${low}`].map((id, at) => {
    const state = states[at] ?? "pending";
    const role = at === 2 ? "preview" : "clip";
    const url = `/${id}.${take}.mp4`;
    const shows = at > 0 && state === "done" || state === "waiting_for_person";
    return shownTake(number, {
      id,
      take,
      state,
      chosen: state === "done",
      files: shows ? [{ role, ord: 0, mime: "video/mp4", sizeBytes: 9, url }] : [],
      ...at === 2 ? { asked: null } : {},
    });
  });
}

const DONE: [State, State, State] = ["done", "done", "done"];

function figures(change: Partial<ShownFigures> = {}): ShownFigures {
  return {
    sharpness: 0.02,
    toAnchor: 3,
    toAnchorJoined: 0.42,
    step: 2.9,
    stepJoined: 0.6,
    frozen: 0,
    repeated: false,
    corrected: true,
    ...change,
  };
}

function chunk(number: number, change: Partial<ShownChunk> = {}): ShownChunk {
  const id = String(2 * number).padStart(3, "0");
  return {
    number,
    steps: { high: `high-00${2 * number - 1}`, low: `low-${id}`, look: `piece-${id}` },
    start: 0,
    frames: 10,
    repeats: 0,
    anchor: 1,
    state: "done",
    stale: false,
    prompt: "A tram",
    ownPrompt: null,
    takes: { high: 0, low: 0 },
    quality: null,
    figures: figures(),
    clipUrl: null,
    previewUrl: null,
    referenceUrl: null,
    firstLookUrl: null,
    ...change,
  };
}

const TAKE: ShownTake = {
  chunk: 10,
  overlap: 0,
  seams: "keep",
  joins: "studio",
  correct: true,
  approvesHigh: false,
  keep: false,
  rate: 16,
  prompt: "A tram",
  chunks: [chunk(1), chunk(2)],
  ends: [],
  beforeUrl: "/before.mp4",
};

const job = (change: Partial<ShownJobDetail>) => shownDetail({ mode: "take", take: TAKE, ...change });

Deno.test("two passes and the look at them are one part: it is played by its small copy, and taken again from its first pass", () => {
  const shown = job({
    steps: [
      ...piece(1, DONE),
      ...piece(2, ["done", "running", "pending"]),
      ...piece(3, ["pending", "pending", "pending"]),
    ],
  });
  const parts = partsOf(shown);
  assertEquals(parts.map(({ number, step, state }) => [number, step, state]), [
    [1, "high-001", "done"],
    [2, "high-003", "now"],
    [3, "high-005", "todo"],
  ]);
  assertEquals(clipsSoFar(parts), ["/piece-002.0.mp4"]);
  const given = new Map([["do", "retake"], ["step", "high-001"], ["prompt", "A boat"], ["seed", "7"]]);
  assertEquals(commandOf(shown, given, () => "1")?.body, {
    step: "high-001",
    changes: { prompt: "A boat" },
    follow: "ask",
  });
});

Deno.test("both passes count as halves of a part", () => {
  const [part] = partsOf(job({ steps: piece(1, ["done", "running", "pending"]) }));
  if (!part) throw new Error("no part");
  const share = (id: string, of: number) =>
    partShare(part, progressOf({ step: { id, title: "", share: of } }));
  assertEquals([share("high-001", 0.5), share("low-002", 0.5), share("piece-002", 0.5)], [0.25, 0.75, 1]);
  assertEquals(share("high-003", 0.5), null);
});

Deno.test("while a part is taken again the film keeps its old take, and both takes stand there afterwards", () => {
  const under = job({ steps: [...piece(1, DONE), ...piece(1, ["running", "pending", "pending"], 1)] });
  assertEquals(partsOf(under).map(({ state, used, takes }) => [state, used?.take, takes.length]), [
    ["now", 0, 2],
  ]);
  const between = job({ steps: [...piece(1, DONE), ...piece(1, ["done", "pending", "pending"], 1)] });
  assertEquals(partsOf(between).map(({ state, used }) => [state, used?.take]), [["todo", 0]]);
});

Deno.test("a first pass that waits is looked at, and is no piece of the film", () => {
  const shown = job({
    ...strip("todo"),
    steps: piece(1, ["waiting_for_person", "pending", "pending"]),
    approvals: [{ step: "high-001", take: 0 }],
  });
  const face = faceOf(shown, partsOf(shown), { look: null, lengths: {}, turn: null });
  assertEquals(face.kind === "clips" ? face.clips.map(({ url }) => url) : face.kind, ["/high-001.0.mp4"]);
});

Deno.test("how two pieces meet is told by a word and a figure, with what it was before correction", () => {
  assertEquals(joinNote(chunk(1)), null);
  assertEquals(joinNote(chunk(2)), "Seamless · 0.6");
  assertEquals(joinNote(chunk(2, { anchor: 2 })), "New look");
  assertEquals(joinNote(chunk(2, { figures: figures({ stepJoined: 5 }) })), "Plain to see · 5.0");
  assertEquals(joinLine(chunk(2)), "Seamless, 0.6; 2.9 before correction; colours 0.4 from part 1");
  const odd = figures({ step: null, stepJoined: null, toAnchorJoined: null, frozen: 2, repeated: true });
  assertEquals(
    joinLine(chunk(2, { figures: odd })),
    "colours 3.0 from part 1; 2 frames stand still; one frame is shown twice",
  );
});

Deno.test("the film before correction is looked at in the place of the film", () => {
  const result = {
    type: "film",
    url: "/film.mp4",
    downloadUrl: "",
    posterUrl: null,
    seconds: 1.25,
    width: 1,
    height: 1,
  };
  const shown = job({ status: "completed", result, steps: piece(1, DONE) });
  const face = (look: "before" | null) => {
    const found = faceOf(shown, partsOf(shown), { look, lengths: {}, turn: null });
    return found.kind === "clips" ? found.clips : found.kind;
  };
  assertEquals(face(null), [{ url: "/film.mp4", seconds: 1.25 }]);
  assertEquals(face("before"), [{ url: "/before.mp4", seconds: 1.25 }]);
});

Deno.test("a take may end after any part but the last, also when it is finished, as long as its pieces are there", () => {
  const chunks = [1, 2, 3].map((number) => chunk(number, { start: 10 * (number - 1) }));
  const shown = job({ take: { ...TAKE, chunks, ends: [1, 2] }, assets: [], steps: piece(1, DONE) });
  for (const status of ["executing", "completed", "failed"] as const) {
    assertEquals(endsOf({ ...shown, status }), [{ part: 1, frames: 10 }, { part: 2, frames: 20 }]);
  }
  const cut = commandOf(shown, new Map([["do", "cut"], ["after", "2"]]), () => "1");
  assertEquals(cut, { path: `/api/jobs/${shown.id}/cut`, body: { after: 2 } });
  assertEquals(endsOf({ ...shown, cancelling: true }), []);
  assertEquals(endsOf({ ...shown, take: { ...TAKE, chunks, ends: [2] } }), [{ part: 2, frames: 20 }]);
  assertEquals(endsOf({ ...shown, take: { ...TAKE, chunks, ends: [] } }), []);
});
