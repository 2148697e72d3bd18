/** The operators' own line: who is in front after each move. */
import { type LineMove, movedInLine } from "@/core/line.ts";
import { assertEquals } from "@/tests/assert.ts";

const moved = (front: string, ids: string, to: LineMove) =>
  movedInLine({ waiting: [..."abcdef"], front: [...front] }, [...ids], to)?.join("") ?? null;

Deno.test("what is served next stands before all that were put in front before, in the order of the line", () => {
  assertEquals(moved("", "d", "next"), "d");
  assertEquals(moved("ab", "d", "next"), "dab");
  assertEquals(moved("ab", "b", "next"), "ba");
  assertEquals(moved("a", "fxc", "next"), "cfxa", "what waits for no server is last of them");
});

Deno.test("a film moves one place, and all that stay before it keep their places", () => {
  assertEquals(moved("", "c", "up"), "ac");
  assertEquals(moved("", "b", "up"), "b");
  assertEquals(moved("ab", "b", "up"), "ba");
  assertEquals(moved("", "b", "down"), "acb");
  assertEquals(moved("ab", "a", "down"), "ba");
  assertEquals(moved("abx", "d", "up"), "abdx", "one that waits for no server stays in front");
});

Deno.test("nobody moves above the first, below the last, or without a place", () => {
  assertEquals([moved("", "a", "up"), moved("", "f", "down"), moved("", "x", "up")], [null, null, null]);
});

Deno.test("back in turn leaves the others where they are", () => {
  assertEquals([moved("abc", "b", "turn"), moved("", "b", "turn")], ["ac", ""]);
});
