/** The history in plain words: told from what an event is and holds, also for rows that were stored before it was. */
import { z } from "zod";
import { EVENT_BODIES, sentenceOf, tellEvent } from "@/core/history.ts";
import { problems } from "@/core/words/problems.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const Rows = z.object({
  events: z.array(
    z.object({ kind: z.string(), message: z.string(), body: z.record(z.string(), z.unknown()) }),
  ),
});

async function oldRows() {
  const file = new URL("../fixtures/states/v2.json", import.meta.url);
  return Rows.parse(JSON.parse(await Deno.readTextFile(file))).events;
}

/** One of the first sentences had no full stop. */
const asSentence = (text: string) => text.replace(/\.?$/, ".");

Deno.test("rows of the first format read as they were written", async () => {
  const rows = await oldRows();
  assert(rows.length > 20);
  for (const row of rows) assertEquals(sentenceOf(row), asSentence(row.message), row.kind);
});

Deno.test("what an old row tells is told from the catalogue; what it does not tell keeps its stored words", async () => {
  const lost: string[] = [];
  for (const row of await oldRows()) {
    const told = sentenceOf({ ...row, message: "as stored" });
    if (told === "as stored") lost.push(row.kind);
    else assertEquals(told, asSentence(row.message));
  }
  // These named a step by its title in the sentence alone.
  assertEquals(
    lost.sort(),
    ["retake", "step.done", "step.done", "step.failed", "step.retry", "step.reused", "step.started"]
      .filter((kind, at, all) => all.indexOf(kind) === at),
  );
});

Deno.test("every kind of event is told from its body alone", () => {
  const part = { step: "chunk-001", take: 0, title: "Part 1 of 3" };
  const told = [
    tellEvent("status", { status: "queued", run: 2 }),
    tellEvent("run", { run: 2 }),
    tellEvent("step.started", { ...part, attempt: 1 }),
    tellEvent("step.done", part),
    tellEvent("step.waits", part),
    tellEvent("step.approved", part),
    tellEvent("step.reused", part),
    tellEvent("step.failed", { ...part, code: "comfy.rejected" }),
    tellEvent("step.failed", { ...part, code: "comfy.lost", because: "It was lost twice." }),
    tellEvent("step.retry", { ...part, code: "comfy.proxy", failures: 1, delayMs: 1200 }),
    tellEvent("step.lost", part),
    tellEvent("step.moved", part),
    tellEvent("step.elsewhere", part),
    tellEvent("step.again", { ...part, reason: "gone" }),
    tellEvent("files.missing", part),
    tellEvent("retake", { ...part, rev: 2 }),
    tellEvent("retake.ready", part),
    tellEvent("retake.refused", { step: "chunk-001" }),
    tellEvent("edited", { rev: 2 }),
    tellEvent("cut", { rev: 2 }),
    tellEvent("pieces.dropped", { days: 7 }),
    tellEvent("edit.refused", { rev: 2 }),
    tellEvent("cancelling", { run: 1 }),
    tellEvent("paused", { now: true }),
    tellEvent("resumed", {}),
    tellEvent("priority", { priority: 5 }),
  ];
  assertEquals([...new Set(told.map(({ kind }) => kind))].sort(), Object.keys(EVENT_BODIES).sort());
  for (const { kind, message, body } of told) {
    assert(/^[A-Z].*[.]$/.test(message), `${kind}: ${message}`);
    assertEquals(sentenceOf({ kind, message: "as stored", body: body ?? {} }), message, kind);
  }
  assertEquals(told.filter(({ kind }) => kind.startsWith("step.f")).map(({ message }) => message), [
    `Part 1 of 3 failed: ${problems["comfy.rejected"]}`,
    "Part 1 of 3 failed: It was lost twice.",
  ]);
});

Deno.test("kinds and bodies that nobody knows keep their stored words", () => {
  for (
    const [kind, body] of [["noted", {}], ["status", { status: "dreaming", run: 1 }], [
      "priority",
      {},
    ]] as const
  ) {
    assertEquals(sentenceOf({ kind, message: "Noted.", body }), "Noted.");
  }
});
