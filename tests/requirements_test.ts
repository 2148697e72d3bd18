/** The list of requirements and the report that joins it with tests. */
import { coverage, report, taggedTests } from "@/tasks/requirements.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const SERIES = { XC: 30, AX: 49, TA: 56, PR: 53, LX: 34, YM: 81 };

Deno.test("the list holds every requirement once, in order, each with a sentence", async () => {
  const all = await coverage();
  const ids = Object.entries(SERIES).flatMap(([series, count]) =>
    Array.from({ length: count }, (_, at) => `${series}${at + 1}`)
  );
  assertEquals(all.map(({ id }) => id), ids);
  assertEquals(all.filter(({ sentence }) => sentence.length < 15 || sentence.length > 300), []);
});

Deno.test("no test carries the id of a requirement that does not exist", async () => {
  const known = new Set((await coverage()).map(({ id }) => id));
  const wrong = (await taggedTests()).flatMap(({ name, ids }) =>
    ids.filter((id) => !known.has(id)).map((id) => `${id}: ${name}`)
  );
  assertEquals(wrong, []);
});

Deno.test("a test is found by its tag, however it is written", async () => {
  const dir = await Deno.makeTempDir();
  const [open, close] = ["[", "]"];
  const tag = (...ids: string[]) => `${open}${ids.join(", ")}${close}`;
  await Deno.writeTextFile(
    `${dir}/some_test.ts`,
    [
      `Deno.test("it's plain ${tag("AX1")}", () => {});`,
      `Deno.test({ name: 'an object ${tag("AX2", "XC3")}', fn() {} });`,
      `Deno.test(\n  \`a template ${tag("LX4")}\`, () => {});`,
      `// A comment with ${tag("YM5")} is none.`,
    ].join("\n"),
  );
  const found = await taggedTests(dir);
  await Deno.remove(dir, { recursive: true });
  assertEquals(found.map(({ ids }) => ids), [["AX1"], ["AX2", "XC3"], ["LX4"]]);
});

Deno.test("the report names the tests of each requirement and the ids without one, per series", () => {
  const lines = report([
    { id: "XC1", sentence: "One.", tests: ["a rule"] },
    { id: "XC2", sentence: "Two.", tests: [] },
  ]);
  assert(lines.includes("    a rule"));
  assertEquals(lines.at(-1), "XC: 1 of 2 have a test; none: XC2");
});
