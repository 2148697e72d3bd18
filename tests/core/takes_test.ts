/** Many takes of one request: how words, seeds and settings multiply, and how they are counted before they do. */
import {
  combine,
  countTexts,
  countValues,
  differencesOf,
  escapeAlternatives,
  readAlternatives,
  seedsFrom,
  textsOf,
  valuesOf,
} from "@/core/takes.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

function texts(text: string): string[] {
  const pieces = readAlternatives(text);
  assert(Array.isArray(pieces), text);
  assertEquals(countTexts(pieces), textsOf(pieces).length);
  return textsOf(pieces);
}

Deno.test("alternatives in braces make one text each, the last ones changing first", () => {
  assertEquals(texts("a {red|blue} car"), ["a red car", "a blue car"]);
  assertEquals(texts("{a|b}{1|2}"), ["a1", "a2", "b1", "b2"]);
  assertEquals(texts("a {big | small |} dog"), ["a big dog", "a small dog", "a  dog"]);
  assertEquals(texts("a {red|red} car"), ["a red car"]);
});

Deno.test("braces without a bar or an end, and what follows a backslash, are words like any other", () => {
  for (
    const plain of ["", "a car", "{smile}", "{", "}", "a { b | c", "a | b } c", "{a {b} c}", "back\\slash"]
  ) {
    assertEquals(texts(plain), [plain]);
  }
  assertEquals(texts("\\{a|b}"), ["{a|b}"]);
  assertEquals(texts("{a\\|b|c\\}}"), ["a|b", "c}"]);
  assertEquals(texts("\\\\{a|b}"), ["\\{a|b}"], "an escaped brace is none");
});

Deno.test("alternatives inside alternatives are refused with their place", () => {
  assertEquals(readAlternatives("a {b|{c|d}}"), { at: 5, is: "nested" });
  assertEquals(readAlternatives("{{c|d}|b}"), { at: 1, is: "nested" });
});

Deno.test("the longest prompt is read, whatever braces it has", () => {
  for (const text of ["{".repeat(8000), "{|".repeat(4000), "{a|b}".repeat(1600), "{".repeat(7999) + "}"]) {
    const pieces = readAlternatives(text);
    if (Array.isArray(pieces)) assert(countTexts(pieces) >= 1);
  }
});

Deno.test("words that are escaped are read as they stand", () => {
  for (const text of ["plain", "{smile}", "{a|b}", "\\{a|b}", "a | b", "{a|{b|c}}"]) {
    assertEquals(texts(escapeAlternatives(text)), [text === "\\{a|b}" ? "\\{a|b}" : text]);
  }
});

Deno.test("ranges meet their ends in spite of floats, and lead somewhere or are empty", () => {
  assertEquals(valuesOf({ name: "s", from: 0.1, to: 0.5, step: 0.1 }), [0.1, 0.2, 0.3, 0.4, 0.5]);
  assertEquals(valuesOf({ name: "s", from: 3, to: 1, step: -1 }), [3, 2, 1]);
  assertEquals(valuesOf({ name: "s", from: 1, to: 2, step: 0.75 }), [1, 1.75]);
  assertEquals(valuesOf({ name: "s", values: ["a", "b", "a"] }), ["a", "b"]);
  for (const [from, to, step] of [[1, 2, 0], [2, 1, 1], [1, 2, -1], [0, Infinity, 1], [NaN, 1, 1]] as const) {
    assertEquals(countValues({ name: "s", from, to, step }), 0);
  }
  assertEquals(countValues({ name: "s", from: 1, to: 10_000, step: 1 }), 10_000);
});

Deno.test("settings combine with one another, and seeds go round at 64 bits", () => {
  const axes = [{ name: "preset", values: ["fast", "balanced"] }, {
    name: "seconds",
    from: 1,
    to: 2,
    step: 1,
  }];
  assertEquals(combine(axes), [
    { preset: "fast", seconds: 1 },
    { preset: "fast", seconds: 2 },
    { preset: "balanced", seconds: 1 },
    { preset: "balanced", seconds: 2 },
  ]);
  assertEquals(combine([]), [{}]);
  assertEquals(seedsFrom("18446744073709551615", 2), ["18446744073709551615", "0"]);
});

Deno.test("what sets a take apart is what not all takes have", () => {
  const of = (seed: string, options: Record<string, unknown>) => ({
    prompt: "a car",
    negativePrompt: "",
    settings: { seed, preset: "fast", frameRate: 16, options },
  });
  assertEquals(differencesOf([of("1", { cfg: 2 }), of("2", { cfg: 2 }), of("1", { cfg: 3 })]), [
    { seed: "1", cfg: "2" },
    { seed: "2", cfg: "2" },
    { seed: "1", cfg: "3" },
  ]);
  assertEquals(differencesOf([of("1", {}), of("1", { cfg: 3 })]), [{ cfg: "" }, { cfg: "3" }]);
  assertEquals(differencesOf([of("1", {})]), [{}]);
});
