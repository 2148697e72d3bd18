/** Plays recordings of a real ComfyUI through the client's readers. */
import type { z } from "zod";
import { readFrame } from "@/adapters/comfy/frames.ts";
import { NewsDesk } from "@/adapters/comfy/news.ts";
import { PARTS } from "@/adapters/comfy/parts.ts";
import { rejection, replyProblem } from "@/adapters/comfy/problems.ts";
import * as schemas from "@/adapters/comfy/schemas.ts";
import { pendingInOrder, stateOfHistory, stateOfJob } from "@/adapters/comfy/state.ts";
import type { PromptNews, PromptState } from "@/core/ports.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { frameOf, promptsOf, readRecording, type RecordedEvent, recordingNames } from "./recordings.ts";

function recording(number: string): RecordedEvent[] {
  return readRecording(recordingNames().find((name) => name.startsWith(number)) ?? "");
}

function describe(news: PromptNews): string {
  const step = news.step === undefined ? "" : ` ${news.step.value}/${news.step.max}`;
  const node = news.node === undefined ? "" : ` ${news.node}`;
  return `${news.kind}${node}${step} ${Math.round((news.share ?? 0) * 100)}%`;
}

/** News that one recorded socket gave, by prompt in the order of submission. */
function newsOf(events: RecordedEvent[], client: string): string[][] {
  let now = 0;
  const desk = new NewsDesk({ monotonic: () => now, newsMs: 100, remembered: 100, parts: PARTS });
  const told = promptsOf(events).map(({ promptId, graph }) => {
    const list: string[] = [];
    desk.expect(promptId, graph);
    desk.listen(promptId, (news) => list.push(describe(news)));
    return list;
  });
  for (const event of events) {
    const frame = event.client === client ? frameOf(event) : null;
    now = event.t;
    const read = frame === null ? null : readFrame(frame);
    if (read !== null) desk.take(read);
  }
  return told;
}

/** Every answer about one prompt, in order. */
function statesOf(events: RecordedEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== "http_response") return [];
    const job = /^\/api\/jobs\/([0-9a-f-]{36})$/.exec(event.path ?? "")?.[1];
    if (job !== undefined) {
      if (event.status === 404) {
        return [`jobs ${schemas.JobMissing.safeParse(event.body).success ? "unknown" : "?"}`];
      }
      return [`jobs ${brief(stateOfJob(schemas.Job.parse(event.body), { meta: null, parts: PARTS }))}`];
    }
    const history = /^\/history\/([0-9a-f-]{36})$/.exec(event.path ?? "")?.[1];
    if (history === undefined) return [];
    const entry = schemas.History.parse(event.body)[history];
    return [`history ${entry === undefined ? "none" : brief(stateOfHistory(entry, PARTS))}`];
  });
}

function brief(state: PromptState): string {
  if (state.state === "failed") return `failed ${state.problem.code}`;
  if (state.state !== "finished") return state.state;
  return `finished ${state.outputs.map(({ node, key, filename }) => `${node}.${key}:${filename}`).join(" ")}`
    .trim();
}

Deno.test("recordings: every message is understood, or is one that the studio has no use for", () => {
  const unread = new Set<string>();
  let frames = 0;
  for (const name of recordingNames()) {
    for (const event of readRecording(name)) {
      const frame = frameOf(event);
      if (frame === null) continue;
      frames += 1;
      if (readFrame(frame) === null) unread.add(event.msg?.type ?? `binary ${event.head_hex?.slice(0, 8)}`);
    }
  }
  assertEquals(recordingNames().length, 19);
  assert(frames > 500);
  // The error is that of a verbose ExecutionBlocker; the pictures of event 4 were recorded without their metadata.
  assertEquals([...unread].sort(), [
    "binary 00000003",
    "binary 00000004",
    "execution_error",
    "feature_flags",
  ]);
});

const REPLIES: [RegExp, z.ZodType][] = [
  [/^\/prompt$/, schemas.PromptReply],
  [/^\/queue$/, schemas.Queue],
  [/^\/history(\/|$|\?)/, schemas.History],
  [/^\/api\/jobs\/([^/]+\/)?cancel$/, schemas.CancelReply],
  [/^\/api\/jobs\/[^/?]+$/, schemas.Job],
  [/^\/upload\/(image|mask)$/, schemas.UploadReply],
  [/^\/object_info\//, schemas.ObjectInfo],
  [/^\/features$/, schemas.Features],
  [/^\/system_stats$/, schemas.SystemStats],
];

Deno.test("recordings: every successful answer passes its schema", () => {
  let read = 0;
  for (const name of recordingNames()) {
    for (const { kind, path = "", status, body, content_type } of readRecording(name)) {
      if (kind !== "http_response" || status !== 200 || content_type !== "application/json") continue;
      const schema = REPLIES.find(([pattern]) => pattern.test(path))?.[1];
      if (schema === undefined || JSON.stringify(body)?.startsWith('{"exec_info"')) continue;
      const parsed = schema.safeParse(body);
      assert(parsed.success, `${name} ${path}: ${JSON.stringify(parsed.error?.issues)}`);
      read += 1;
    }
  }
  assert(read > 100, `only ${read}`);
});

Deno.test("recordings: every refusal becomes the right problem, and no node or class is shown [AX27][AX36]", () => {
  const codes = new Map<string, Set<string>>();
  for (const { kind, path = "", status = 0, body, content_type } of recording("20")) {
    if (kind !== "http_response" || path !== "/prompt" || status === 200) continue;
    const type = content_type ?? "";
    const refused = schemas.RejectReply.safeParse(body);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const found = status === 400 && refused.success
      ? rejection(refused.data, null).problem
      : replyProblem({ status, type, text, path, retryAfter: null }).problem;
    const key = refused.success ? refused.data.error.type : String(status);
    codes.set(key, (codes.get(key) ?? new Set()).add(`${found.code} ${found.retry}`));
    const shown = JSON.stringify([found.message, found.detail ?? null]);
    assert(!/EmptyImage|PreviewImage|NoSuchNode|Load|execution\.py/.test(shown), shown);
    assert(!/execution\.py/.test(found.operator ?? ""), found.operator);
  }
  assertEquals(Object.fromEntries([...codes].map(([key, found]) => [key, [...found].sort()])), {
    no_prompt: ["comfy.rejected never"],
    invalid_prompt_id: ["comfy.rejected never"],
    prompt_no_outputs: ["comfy.rejected never"],
    missing_node_type: ["comfy.missing_node never"],
    prompt_outputs_failed_validation: ["comfy.missing_model never", "comfy.rejected never"],
    "500": ["comfy.protocol later"],
    "413": ["comfy.too_large never"],
    "403": ["comfy.proxy later"],
  });
});

Deno.test("recordings: a 413 tells its limit", () => {
  const reply = recording("20").find(({ status }) => status === 413);
  const found = replyProblem({
    status: 413,
    type: "text/plain",
    text: String(reply?.body),
    path: "/prompt",
    retryAfter: null,
  });
  assertEquals(found.problem.detail, { limitBytes: 5_242_880 });
});

Deno.test("recordings: the waiting prompts are told in their true order", () => {
  const queues = recording("07").flatMap(({ path, body, kind }) => {
    const queue = path === "/queue" && kind === "http_response" ? schemas.Queue.safeParse(body) : null;
    return queue?.success === true ? [queue.data] : [];
  });
  assertEquals(queues[0]?.queue_pending.map(([number]) => number), [7, 8]);
  const turned = { queue_running: [], queue_pending: [...queues[0]?.queue_pending ?? []].reverse() };
  assertEquals(pendingInOrder(turned), queues[0]?.queue_pending.map(([, id]) => id));
});

Deno.test("recordings: errors keep their node for operators and lose their traceback", () => {
  const failures = ["04", "05"].map((number) => {
    const event = recording(number).find(({ kind, path }) =>
      kind === "http_response" && /^\/history\//.test(path ?? "")
    );
    const [entry] = Object.values(schemas.History.parse(event?.body));
    assert(entry !== undefined);
    const state = stateOfHistory(entry, PARTS);
    assert(state.state === "failed");
    return state.problem;
  });
  assertMatch(failures[0]?.operator ?? "", /^Node 1 \(CheckpointLoaderSimple\): .*Error/);
  assertMatch(
    failures[1]?.operator ?? "",
    /^Node 2 \(RecOOM\): torch\.OutOfMemoryError: Allocation on device 0/,
  );
  for (const { operator = "" } of failures) assert(!/TIPS|tensor\(|\.py/.test(operator), operator);
});

/** News per prompt of the first socket, in the order of submission, and every answer about a prompt. */
const EXPECTED: Record<string, { news: string[]; states: string[] }> = {
  "01": {
    news: [
      "started 0% | progress 1 0% | progress 2 8% | progress 2 1/2 12% | progress 3 15% | progress 4 92% | ended 100%",
    ],
    states: ["history finished 3.images:one_00001_.png", "jobs finished 3.images:one_00001_.png"],
  },
  "02": {
    news: ["started 0% | progress 100% | ended 100%"],
    states: ["history finished 3.images:one_00001_.png"],
  },
  "03": {
    news: [
      "started 0% | progress 1 0% | progress 2 25% | preview 2 38% | progress 5 50% | progress 4 75% | ended 100%",
    ],
    states: ["history finished"],
  },
  "04": {
    news: ["started 0% | progress 1 0% | ended 0%"],
    states: ["history failed comfy.execution", "jobs failed comfy.execution"],
  },
  "05": {
    news: ["started 0% | progress 1 0% | progress 2 33% | ended 33%"],
    states: ["history failed comfy.out_of_memory"],
  },
  "06": {
    news: [
      "started 0% | progress 1 0% | progress 2 33% | progress 2 2/200 34% | progress 2 34% | progress 2 34% | progress 2 35% | progress 2 35% | ended 35%",
    ],
    states: ["history cancelled", "jobs cancelled"],
  },
  "07": {
    news: [
      "started 0% | progress 1 0% | progress 2 33% | progress 2 34% | progress 2 34% | progress 2 34% | ended 35%",
      "",
      "",
    ],
    states: ["history none", "jobs unknown", "history cancelled"],
  },
  "08": {
    news: ["started 0% | progress 1 0% | progress 4 50% | ended 100%"],
    states: ["history finished"],
  },
  "09": {
    news: [
      "started 0% | progress 1 0% | progress 2 33% | preview 2 67% | progress 4 67% | ended 100%",
      "progress 33%",
      "progress 33% | progress 2 2/40 35% | progress 37% | ended 37%",
      "",
    ],
    states: ["history finished", "history finished", "history cancelled", "history finished"],
  },
  "10": {
    news: ["started 0% | progress 1 0% | progress 2 33% | progress 2 2/24 36% | progress 2 40%"],
    states: ["history finished"],
  },
  "60": {
    news: [
      "started 0% | progress 1 0% | progress 2 33% | progress 2 34% | progress 2 34% | progress 2 34%",
      "",
      "started 0% | progress 1 0% | progress 2 50% | ended 100%",
    ],
    states: ["history none", "jobs unknown", "history none", "jobs unknown", "history finished"],
  },
  "70": {
    news: ["started 0% | progress 1 0% | progress 2 9% | progress 2 100% | ended 100%", "progress 91%"],
    states: ["history finished 2.images:cache_00001_.png", "history finished 2.images:cache_00001_.png"],
  },
  "72": {
    news: ["", ""],
    states: [
      "history none",
      "jobs running",
      "history none",
      "jobs pending",
      "history none",
      "jobs unknown",
      "history finished",
    ],
  },
};

for (const [number, { news, states }] of Object.entries(EXPECTED)) {
  Deno.test(`recording ${number}: news and states are as recorded`, () => {
    assertEquals(newsOf(recording(number), "A").map((told) => told.join(" | ")), news);
    assertEquals(statesOf(recording(number)), states);
  });
}
