/** What a schema refuses is said in words for people. */
import { z } from "zod";
import { describeIssue } from "@/core/issue.ts";
import { readConfig } from "@/core/config.ts";
import { servers } from "@/core/words/servers.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

function said(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map(describeIssue) ?? [];
}

Deno.test("limits, kinds and choices are said without the words of the schema library", () => {
  assertEquals(said(z.int().min(3), 2), ["must be at least 3"]);
  assertEquals(said(z.number().max(3), 4), ["must be at most 3"]);
  assertEquals(said(z.int(), 1.5), ["must be a whole number"]);
  assertEquals(said(z.string().min(1), ""), ["must have at least 1 character"]);
  assertEquals(said(z.array(z.string()).max(2), ["a", "b", "c"]), ["must have at most 2 entries"]);
  assertEquals(said(z.enum(["a", "b"]), "c"), ["must be one of a, b"]);
  assertEquals(said(z.strictObject({ a: z.string() }), {}), ["is required"]);
  assertEquals(said(z.string("a name, please"), 1), ["a name, please"]);
});

Deno.test("a bad variable is named with its rule and without its value", () => {
  const config = readConfig({ PORT: "99999", LOG_LEVEL: "loud" });
  assert(!config.ok);
  assertEquals(
    config.problem[0]?.message,
    "Cannot start: PORT must be at most 65535; LOG_LEVEL must be one of debug, info, warn, error",
  );
});

Deno.test("a header that no server could be sent stops the start, with the sentence of a single server's header", () => {
  for (const typo of ["Bearer just-a-token", "X-Key:", "Host: another"]) {
    const config = readConfig({ COMFY_AUTH_HEADER: typo });
    assert(!config.ok, typo);
    assertEquals(config.problem[0]?.message, `Cannot start: COMFY_AUTH_HEADER ${servers.wrong.header}`);
  }
  const config = readConfig({ COMFY_AUTH_HEADER: " X-Key: some-value " });
  assertEquals(config.ok && config.value.COMFY_AUTH_HEADER?.reveal(), "X-Key: some-value");
});
