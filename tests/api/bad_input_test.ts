/** Every route of the contract is sent nonsense; each answers with a refusal that names its fields, and never with a stack. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { makeJob, Person, signUp, upload } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Parameter = z.object({ name: z.string(), in: z.string() });
const Operation = z.looseObject({
  parameters: z.array(Parameter).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
});
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) });
const Refusal = z.object({ code: z.string(), fields: z.array(z.object({ path: z.string() })).optional() });

async function refusalOf(answer: Response, what: string): Promise<z.infer<typeof Refusal>> {
  const text = await answer.text();
  assert([400, 404, 409, 415, 422].includes(answer.status), `${what} answers ${answer.status}: ${text}`);
  assertEquals(answer.headers.get("content-type"), "application/problem+json", what);
  assert(!/\bat \S+:\d+:\d+|\.ts\b|ZodError|TypeError/.test(text), `a stack from ${what}: ${text}`);
  return Refusal.parse(JSON.parse(text));
}

Deno.test("[XC4] on every route an unknown query field and an unknown body field are refused by their paths", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "op@example.org");
  const ids: Record<string, string> = { asset: await upload(person, "png"), job: await makeJob(person) };
  const stranger = new Person(studio);
  const { paths } = await stranger.json(Document, 200, stranger.get("/openapi.json"));
  const counts = { query: 0, body: 0 };
  for (const [path, methods] of Object.entries(paths)) {
    const place = path.replace(/^\/api/, "").replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === "id") return (path.includes("/assets/") ? ids.asset : ids.job) ?? "";
      return { act: "drain", take: "0", ord: "0", step: "render", role: "clip", output: "o1" }[name] ?? "x";
    });
    for (const [method, { parameters, requestBody }] of Object.entries(methods)) {
      const what = `${method.toUpperCase()} ${path}`;
      if (parameters.some((one) => one.in === "query")) {
        const answer = await person.send(method.toUpperCase(), `${place}?nonsense=1`);
        const { code, fields } = await refusalOf(answer, what);
        assertEquals([code, fields?.map((field) => field.path)], ["request.invalid", ["nonsense"]], what);
        counts.query++;
      }
      if (requestBody && "application/json" in requestBody.content) {
        const answer = await person.send(method.toUpperCase(), place, { body: { nonsense: 1 } });
        const { code, fields } = await refusalOf(answer, what);
        assertEquals(code, "request.invalid", what);
        // A job without a mode fits no schema that could know its other fields.
        assert(fields?.some((field) => field.path === "nonsense" || field.path === "mode"), what);
        const broken = await person.send(method.toUpperCase(), place, {
          raw: "{",
          headers: { "content-type": "application/json" },
        });
        assertEquals((await refusalOf(broken, what)).code, "request.malformed", what);
        counts.body++;
      }
    }
  }
  assert(counts.query >= 4 && counts.body >= 8, JSON.stringify(counts));
});
