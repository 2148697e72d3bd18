/** The kept log: bounded in lines and characters, and told on without anything of people. */
import { impersonal, type LogLine, makeRing } from "@/core/logs.ts";
import { assertEquals } from "@/tests/assert.ts";

const line = (text: string, fields: LogLine["fields"] = {}): LogLine => ({
  at: "2026-11-21T12:00:00.000Z",
  level: "info",
  text,
  fields,
});

Deno.test("the kept log drops the oldest lines, whether they are many or long", () => {
  const ring = makeRing(3, 1000);
  for (const text of ["a", "b", "c", "d"]) ring.keep(line(text));
  assertEquals(ring.lines().map(({ text }) => text), ["b", "c", "d"]);
  ring.keep(line("e".repeat(800)));
  assertEquals(ring.lines().map(({ text }) => text[0]), ["d", "e"]);
  ring.keep(line("f".repeat(2000)));
  assertEquals(ring.lines().map(({ text }) => text[0]), ["d", "e"]);
});

Deno.test("a line that leaves the house has no mail address and nothing that people wrote", () => {
  const told = impersonal(
    line("sent to mika.k+x@studio.example", { title: "Fog", error: "to <a@b.org>", n: 3 }),
  );
  assertEquals([told.text, told.fields], ["sent to [mail]", {
    title: "[left out]",
    error: "to <[mail]>",
    n: 3,
  }]);
});
