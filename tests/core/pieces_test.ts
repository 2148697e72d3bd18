/** The strip of pieces: newest takes in the order of the film, counted. */
import { partsOf, piecesOf, takePieceOf } from "@/core/pieces.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("a strip has one piece per step, in the order of the plan, by its newest take", () => {
  const rows = [
    { id: "b", ord: 2, take: 0, state: "done" as const },
    { id: "b", ord: 2, take: 1, state: "running" as const },
    { id: "a", ord: 1, take: 0, state: "done" as const },
    { id: "c", ord: 3, take: 0, state: "failed" as const },
    { id: "d", ord: 4, take: 0, state: "ready" as const },
  ];
  assertEquals(piecesOf(rows), ["done", "now", "failed", "todo"]);
});

Deno.test("the counts of a strip follow from its pieces", () => {
  assertEquals(partsOf(["done", "now", "failed", "todo"]), {
    total: 4,
    done: 1,
    failed: 1,
    states: ["done", "now", "failed", "todo"],
  });
  assertEquals(partsOf([]), { total: 0, done: 0, failed: 0, states: [] });
});

Deno.test("the two passes of a long take's piece are one piece of the strip", () => {
  const rows = (...states: ("done" | "running" | "pending" | "waiting_for_person" | "failed")[]) =>
    states.map((state, at) => ({
      id: `${at % 2 === 0 ? "high" : "low"}-00${at + 1}`,
      ord: at,
      take: 0,
      state,
    }));
  assertEquals(piecesOf(rows("done", "done", "done", "running", "done", "pending")), ["done", "now", "todo"]);
  assertEquals(piecesOf(rows("waiting_for_person", "pending", "failed", "pending")), ["todo", "failed"]);
  assertEquals(["high-003", "low-004", "piece-004", "chunk-004"].map(takePieceOf), [2, 2, 2, null]);
});

Deno.test("what an edit has left out is no piece any more", () => {
  const row = (id: string, ord: number, state: "done" | "skipped") => ({ id, ord, take: 0, state });
  assertEquals(piecesOf([row("a", 1, "done"), row("b", 2, "skipped")]), ["done"]);
});
