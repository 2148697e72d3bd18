/** The report for a fault over HTTP: what the doctor finds stands in it, without what opens anything and without people. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";
import { readZip } from "./unzip.ts";

const Findings = z.array(z.strictObject({
  part: z.string(),
  state: z.enum(["ok", "note", "bad"]),
  text: z.string(),
  remedy: z.string().optional(),
}));

Deno.test("what the doctor finds stands in the report, without passwords in addresses and without mail addresses", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  studio.examine = () =>
    Promise.resolve([
      { part: "disk", state: "ok", text: "900 GB free" },
      {
        part: "render server http://mika:very-secret@gpu:8188",
        state: "bad",
        text: "http://mika:very-secret@gpu:8188 does not answer; ask mika@example.org",
        remedy: "Start ComfyUI there.",
      },
    ]);
  const answer = await operator.get("/admin/diagnostics");
  const text = new TextDecoder().decode(readZip(await answer.bytes()).get("doctor.json"));
  const findings = Findings.parse(JSON.parse(text));
  assertEquals(findings.map(({ state }) => state), ["ok", "bad"]);
  assertEquals(findings[1]?.part, "render server http://[secret]@gpu:8188");
  assertEquals(findings[1]?.remedy, "Start ComfyUI there.");
  assert(!/very-secret|mika/.test(text), text);
  await expectProblem((await signUpCreator(studio)).get("/admin/diagnostics"), 403, "auth.operator_only");
});
