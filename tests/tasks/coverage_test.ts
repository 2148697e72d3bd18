/** How much of the core logic the pure tests reach is summed up area by area from the report. */
import { sharesOf } from "@/tasks/coverage.ts";
import { assertEquals } from "@/tests/assert.ts";

const record = (path: string, found: number, hit: number) =>
  `SF:/studio/${path}\nDA:1,1\nLH:${hit}\nLF:${found}\nend_of_record\n`;

Deno.test("lines count for the area of their file, and an area that no test reaches has nothing", () => {
  const report = [
    record("core/prompt_file.ts", 100, 90),
    record("core/planners/long_take.ts", 100, 80),
    record("core/planners/join.ts", 300, 300),
    record("core/workflow/import/mod.ts", 10, 5),
    record("core/colour.ts", 10, 0),
    record("tests/core/planners/wish.ts", 10, 0),
  ].join("");
  assertEquals(sharesOf(report), {
    "prompt files": 0.9,
    "planners": 0.95,
    "graphs and their edits": 0.5,
    "rules of a job": 0,
  });
});
