/** The view of a job's page: its parts, its way, what stands in the picture's place, and what can be done. */
import { faceOf } from "@/components/job/face.ts";
import {
  bigWord,
  canRetake,
  clipsSoFar,
  crumbOf,
  headingOf,
  partsOf,
  possibleWith,
  tabTitle,
  timelineOf,
} from "@/components/job/view.ts";
import { isWaiting, type Turn, turnOf } from "@/components/job/turn.ts";
import { stateOf } from "@/components/films/view.ts";
import { commandOf } from "@/components/job/commands.ts";
import { partsOf as stripOf } from "@/core/pieces.ts";
import type { ShownJobDetail, ShownStage } from "@/core/shown.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { progressOf, shownDetail, shownTake, strip } from "./jobs.ts";

const NOW = Date.UTC(2026, 10, 21, 12, 10);
const at = (minute: number) => `2026-11-21T12:${String(minute).padStart(2, "0")}:00.000Z`;

function stages(...given: [ShownStage["status"], number, number | null][]): Partial<ShownJobDetail> {
  return {
    stages: given.map(([status, from, to]) => ({ status, from: at(from), to: to === null ? null : at(to) })),
  };
}

const look = (job: ShownJobDetail, options: Partial<Parameters<typeof faceOf>[2]> = {}) =>
  faceOf(job, partsOf(job), { look: null, lengths: {}, turn: null, ...options });

Deno.test("a part has all its takes; the newest says how it stands, the chosen one is what the film is made of", () => {
  const retaken = [
    shownTake(1, { chosen: true }),
    shownTake(1, { take: 1, chosen: false, state: "running" }),
  ];
  const [part] = partsOf(shownDetail({ steps: retaken }));
  assertEquals([part?.state, part?.newest.take, part?.used?.take], ["now", 1, 0]);
  assert(part && canRetake(part));
  const waiting = partsOf(shownDetail())[2];
  assert(waiting && !canRetake(waiting));
});

Deno.test("the film so far ends before the first part that has no clip", () => {
  const steps = [shownTake(1), shownTake(2, { state: "running" }), shownTake(3)];
  assertEquals(clipsSoFar(partsOf(shownDetail({ steps }))).length, 1);
  assertEquals(clipsSoFar(partsOf(shownDetail({ steps: [shownTake(1), shownTake(2)] }))).length, 2);
});

Deno.test("the way has every stage: how long it took, which one lasts, and what is to come", () => {
  const job = shownDetail(
    stages(["validating", 0, 1], ["uploading_assets", 1, 2], ["queued", 2, 6], ["executing", 6, null]),
  );
  assertEquals(timelineOf(job, NOW).map(({ state, words, seconds }) => [state, words, seconds]), [
    ["done", "Checked", 60],
    ["done", "Prepared the files", 60],
    ["done", "Waited", 240],
    ["now", "Rendering part 2 of 3", 240],
    ["todo", "Joining, sound, poster", null],
  ]);
});

Deno.test("what lies before a further run's beginning is done, and a failed one says where it stopped", () => {
  const retried = shownDetail({ run: 2, ...stages(["queued", 2, 3], ["executing", 3, null]) });
  assertEquals(timelineOf(retried, NOW).map(({ state, seconds }) => [state, seconds]), [
    ["done", null],
    ["done", null],
    ["done", 60],
    ["now", 420],
    ["todo", null],
  ]);
  const failed = shownDetail({
    status: "failed",
    ...stages(["queued", 2, 3], ["executing", 3, 5], ["failed", 5, 5]),
  });
  assertEquals(timelineOf(failed, NOW).map(({ state }) => state), [
    "done",
    "done",
    "done",
    "failed",
    "todo",
  ]);
});

Deno.test("where there is one part alone, the line of its rendering says the stage that the model is at", () => {
  const said = (states: Partial<ShownJobDetail>, stage: string) => {
    const progress = progressOf({ stage, step: { id: "shot", title: "LTX: lip sync", share: 0.4 } });
    const job = shownDetail({ ...stages(["executing", 3, null]), ...states, progress });
    return timelineOf(job, NOW)[3]?.words;
  };
  assertEquals(said(strip("now"), "LTX: lip sync: Second pass"), "Second pass");
  assertEquals(said(strip("now"), "LTX: lip sync"), "Rendering");
  assertEquals(said(strip("done", "now"), "LTX: lip sync: Second pass"), "Rendering part 2 of 2");
});

Deno.test("a job that is paused, or waits for a choice, does not claim to render", () => {
  const way = stages(["executing", 3, null]);
  const idle = { ...strip("done", "todo", "todo"), ...way };
  const said = (job: ShownJobDetail) => timelineOf(job, NOW)[3]?.words;
  assertEquals(said(shownDetail({ ...idle, paused: true })), "Paused before part 2 of 3");
  assertEquals(said(shownDetail({ ...idle, retakes: ["chunk-001"] })), "Waiting for your choice");
  const approvals = [{ step: "chunk-001", take: 0 }];
  assertEquals(said(shownDetail({ ...idle, approvals })), "Waiting for you");
});

Deno.test("a take that waits to be approved is what the stage shows, and its first look is no piece of the film", () => {
  const first = shownTake(1, { state: "waiting_for_person" });
  const files = [{ role: "preview", ord: 0, mime: "video/mp4", sizeBytes: 9, url: "/preview" }];
  const steps = [{ ...first, files }, shownTake(2, { state: "pending" })];
  const job = shownDetail({ steps, approvals: [{ step: first.id, take: 0 }], ...strip("done", "todo") });
  const face = faceOf(job, partsOf(job), { look: null, lengths: {}, turn: null });
  assert(face.kind === "clips");
  assertEquals(face.clips.map(({ url }) => url), ["/preview"]);
  assertEquals(stateOf(job), "Waits for you");
  assertEquals(isWaiting(job), false, "it is not up to the servers");
  assertEquals(clipsSoFar(partsOf({ steps: [{ ...first, files }, shownTake(2)] })).length, 1);
});

Deno.test("the percentage is never full before the end, and the tab is named by it", () => {
  const job = shownDetail({ share: 1 });
  assertEquals([bigWord(job), tabTitle(job)], ["99 %", "99 % · Mika at the harbour"]);
  assertEquals(tabTitle(shownDetail({ status: "completed" })), "Ready · Mika at the harbour");
  assertEquals(tabTitle(shownDetail({ paused: true })), "Paused · Mika at the harbour");
  assertEquals(crumbOf(job), "Animate · Move");
});

Deno.test("a name that is only the beginning of the prompt gives way to the prompt", () => {
  const prompt = "Mika walks along the harbour wall at dusk, coat moving in the wind";
  assertEquals(headingOf(shownDetail({ title: "Mika walks along the…", prompt })), prompt);
  assertEquals(headingOf(shownDetail({ title: "Dusk", prompt })), "Dusk");
  const long = "harbour ".repeat(60).trim();
  assertEquals(headingOf(shownDetail({ title: "harbour harbour…", prompt: long })), "harbour harbour…");
});

Deno.test("in the picture's place: the still, then the preview, then the film so far, then the film", () => {
  const none = { steps: [shownTake(1, { state: "running" })] };
  assertEquals(look(shownDetail(none)).kind, "still");
  const drawn = look(shownDetail({ ...none, progress: progressOf({ previewUrl: "/p" }) }));
  assert(drawn.kind === "still" && !drawn.isDim && drawn.picture === "/p");
  const soFar = look(shownDetail());
  assert(soFar.kind === "clips");
  assertEquals([soFar.clips.length, soFar.tag], [1, null]);
  const url = soFar.clips[0]?.url ?? "";
  const measured = look(shownDetail(), { lengths: { [url]: 5 } });
  assert(measured.kind === "clips");
  assertEquals(measured.tag, "The film so far · 0:05 of 0:12");
  const result = {
    type: "film",
    url: "/f",
    downloadUrl: "/d",
    posterUrl: "/p",
    seconds: 12,
    width: 832,
    height: 480,
  };
  const picture = look(
    shownDetail({ status: "completed", film: null, result: { ...result, type: "image", seconds: null } }),
  );
  assert(picture.kind === "still" && !picture.isDim && picture.picture === "/f" && picture.tag === null);
  const film = look(shownDetail({ status: "completed", result }));
  assert(film.kind === "clips");
  assertEquals([film.clips, film.poster], [[{ url: "/f", seconds: 12 }], "/p"]);
});

Deno.test("a waiting job tells its place, as far as it is known", () => {
  const job = shownDetail({ status: "queued", ...strip("todo"), steps: [shownTake(1, { state: "ready" })] });
  const text = (turn: Turn | null) => {
    const face = look(job, { turn });
    return face.kind === "still" ? face.text : "";
  };
  const starts = { seconds: 300, low: 200, high: 400 };
  assertEquals(text(null), "This film starts as soon as a render server is free. You can leave this page.");
  assertEquals(text({ place: 2, starts }), "Place 2 in the queue. You can leave this page.");
  const other = { place: 1, server: null, starts, ends: null, wait: null, sentence: "", acts: [] };
  const queue = {
    pool: { servers: 1, up: 1, draftOnly: true, rendering: 0, waiting: 1 },
    total: 1,
    from: 0,
    running: [],
  };
  assertEquals(turnOf({ ...queue, waiting: [{ ...other, job }] }, job.id), { place: 1, starts });
  assertEquals(turnOf({ ...queue, waiting: [] }, job.id), null);
  assertEquals([job, shownDetail(), shownDetail({ ...strip("todo"), paused: true })].map(isWaiting), [
    true,
    false,
    false,
  ]);
});

Deno.test("the finished film is marked where its parts begin, once their lengths are known", () => {
  const result = {
    type: "film",
    url: "/f",
    downloadUrl: "/d",
    posterUrl: "/p",
    seconds: 12,
    width: 832,
    height: 480,
  };
  const job = shownDetail({ status: "completed", result, steps: [shownTake(1), shownTake(2)] });
  const lengths = Object.fromEntries(clipsSoFar(partsOf(job)).map((url) => [url, 7]));
  const marksOf = (face: ReturnType<typeof look>) => face.kind === "clips" ? face.marks : null;
  assertEquals(marksOf(look(job)), []);
  assertEquals(marksOf(look(job, { lengths })), [0, 7]);
});

Deno.test("a failure stands in the picture's place until the person looks at what is kept, or at a take", () => {
  const failed = shownDetail({ status: "failed" });
  assertEquals(look(failed).kind, "failed");
  assertEquals(look(failed, { look: "kept" }).kind, "clips");
  assertEquals(look(failed, { look: { step: "chunk-001", take: 0 } }).kind, "clips");
  assertEquals(
    look(failed, { look: { step: "chunk-009", take: 0 } }).kind,
    "failed",
    "there is no such take",
  );
  const nothing = shownDetail({ status: "cancelled", steps: [shownTake(1, { state: "cancelled" })] });
  assertEquals(look(nothing, { look: "kept" }).kind, "cancelled");
});

Deno.test("only what makes sense can be done", () => {
  const done = (change: Partial<ShownJobDetail>) =>
    Object.entries(possibleWith(shownDetail(change))).filter(([, can]) => can).map(([name]) => name);
  assertEquals(done({}), ["cancel", "pause", "retake"]);
  assertEquals(done({ status: "validating" }), ["cancel", "retake"]);
  assertEquals(done({ paused: true }), ["cancel", "resume", "retake"]);
  assertEquals(done({ cancelling: true }), []);
  assertEquals(done({ status: "created" }), ["start", "remove"]);
  assertEquals(done({ status: "failed" }), ["retry", "remove", "retake"]);
  assertEquals(done({ status: "completed", parts: stripOf(["done"]) }), ["remove", "retake"]);
  assertEquals(done({ status: "completed", trashedAt: at(1) }), ["restore"]);
  const takes = { steps: [shownTake(1, { chosen: false }), shownTake(1, { take: 1 })] };
  assert(done({ status: "completed", ...takes }).includes("compare"));
});

Deno.test("a form becomes the call that carries it out", () => {
  const job = shownDetail();
  const call = (fields: Record<string, string>) =>
    commandOf(job, new Map(Object.entries(fields)), () => "99") ?? null;
  const path = (name: string) => `/api/jobs/${job.id}/${name}`;
  assertEquals(call({ do: "cancel" }), { path: path("cancel"), body: {} });
  assertEquals(call({ do: "pause_now" }), { path: path("pause"), body: { now: true } });
  assertEquals(call({ do: "follow", step: "chunk-001", choice: "keep" }), {
    path: path("follow"),
    body: { step: "chunk-001", choice: "keep" },
  });
  assertEquals(call({ do: "approve", step: "chunk-001", take: "2" }), {
    path: path("approve"),
    body: { step: "chunk-001", take: 2 },
  });
  assertEquals(call({ do: "restore" }), {
    path: "/api/library/mark",
    body: { action: "restore", films: [job.id] },
  });
  assertEquals(call({ do: "reprioritise" }), null);
});

Deno.test("a retake sends only what was changed, and draws a seed where a new one is wanted", () => {
  const job = shownDetail();
  const retake = (fields: Record<string, string>) => {
    const same = {
      do: "retake",
      step: "chunk-001",
      prompt: "A tram",
      negativePrompt: "",
      seed: "7",
      preset: "balanced",
    };
    return commandOf(job, new Map(Object.entries({ ...same, ...fields })), () => "99")?.body;
  };
  assertEquals(retake({}), { step: "chunk-001", changes: {}, follow: "ask" });
  assertEquals(retake({ newSeed: "on", follow: "rerun" }), {
    step: "chunk-001",
    changes: { seed: "99" },
    follow: "rerun",
  });
  assertEquals(retake({ seed: "" })?.changes, { seed: "99" });
  assertEquals(retake({ seed: "8 417" })?.changes, { seed: "8417" });
  assertEquals(retake({ prompt: "A red\r\ntram", preset: "fast" })?.changes, {
    prompt: "A red\ntram",
    preset: "fast",
  });
});
