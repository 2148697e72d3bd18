/** Graphs of one's own over the API: looked at, refused with their places, taken in, and only by operators. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { changeJob } from "./fake_jobs.ts";
import { expectProblem, makeJob, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";
import { GRAPH } from "./fake_templates.ts";

const Proposal = z.looseObject({
  version: z.string(),
  whole: z.boolean(),
  rows: z.array(
    z.looseObject({
      role: z.string(),
      state: z.string(),
      places: z.array(z.looseObject({ place: z.string(), by: z.string() })),
    }),
  ),
  faults: z.array(z.object({ node: z.string().nullable(), input: z.string().nullable(), text: z.string() })),
});
const List = z.object({
  items: z.array(z.looseObject({ id: z.string(), versions: z.array(z.unknown()) })),
  broken: z.array(z.unknown()),
});

const body = (graph: unknown, more: Record<string, unknown> = {}) => ({
  body: { text: typeof graph === "string" ? graph : JSON.stringify(graph), name: "custom/tower", ...more },
});

async function setUp() {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio, "mika@example.org");
  const look = (graph: unknown, more?: Record<string, unknown>) =>
    operator.json(Proposal, 200, operator.send("POST", "/admin/templates/proposals", body(graph, more)));
  const list = () => operator.json(List, 200, operator.get("/admin/templates"));
  return { studio, operator, creator, look, list };
}

Deno.test("a graph is looked at without being stored, and taken in as the first version", async () => {
  const { operator, look, list } = await setUp();
  const seen = await look(GRAPH);
  assertEquals([seen.whole, seen.version, seen.faults], [true, "1.0.0", []]);
  assertEquals(
    seen.rows.filter(({ state }) => state === "bound").map(({ role, places }) => [role, places[0]?.place]),
    [
      ["prompt", "yes.text"],
      ["negativePrompt", "no.text"],
      ["width", "empty.width"],
      ["height", "empty.height"],
      ["seed", "pass.seed"],
      ["output", "save.filename_prefix"],
    ],
  );
  assertEquals((await list()).items, []);
  const taken = await operator.json(Proposal, 201, operator.send("POST", "/admin/templates", body(GRAPH)));
  assertEquals([taken.whole, taken.version], [true, "1.0.0"]);
  assertEquals((await list()).items.map(({ id }) => id), ["custom/tower"]);
  assertEquals((await look(GRAPH)).version, "1.1.0");
});

Deno.test("a person says where a role is written; what does not fit is told with its place", async () => {
  const { look } = await setUp();
  const swapped = await look(GRAPH, {
    bind: ["prompt=no.text", "negativePrompt=yes.text", "steps=pass.steps"],
  });
  const places = Object.fromEntries(
    swapped.rows.map(({ role, places }) => [role, places.map(({ place, by }) => [place, by])]),
  );
  assertEquals(places.prompt, [["no.text", "hand"]]);
  assertEquals(places.negativePrompt, [["yes.text", "hand"]]);
  assertEquals(places.steps, [["pass.steps", "hand"]]);
  assertEquals(swapped.whole, true);
  const wrong = await look(GRAPH, { bind: ["prompt=pass.model"] });
  assertEquals(wrong.faults.map(({ node, input }) => [node, input]), [["pass", "model"]]);
  const lost = await look(GRAPH, { bind: ["prompt=nowhere.text"] });
  assert(lost.faults[0]?.text.includes("nowhere.text"));
});

Deno.test("what is wrong with a graph is refused by field, and nothing is stored", async () => {
  const { operator, list } = await setUp();
  const { save: _, ...cut } = GRAPH;
  const round = {
    ...GRAPH,
    empty: { ...GRAPH.empty, inputs: { ...GRAPH.empty.inputs, width: ["pixels", 0] } },
  };
  const strange = { ...GRAPH, extra: { class_type: "Wizardry", inputs: {} } };
  for (
    const [graph, fields] of [
      ["{", ["text"]],
      [{ nodes: [], links: [] }, ["text"]],
      [cut, ["text"]],
      [strange, ["text.extra"]],
      ["[]", ["text"]],
      ['{"__proto__":{"class_type":"SaveImage","inputs":{}}}', ["text"]],
    ] as const
  ) {
    const refused = await expectProblem(
      operator.send("POST", "/admin/templates", body(graph)),
      422,
      "request.invalid",
    );
    assertEquals(refused, [...fields], JSON.stringify(graph).slice(0, 60));
  }
  const circle = await expectProblem(
    operator.send("POST", "/admin/templates", body(round)),
    422,
    "request.invalid",
  );
  assert(circle.some((path) => path.startsWith("text.")), circle.join());
  await expectProblem(
    operator.send("POST", "/admin/templates", body("x".repeat(3_000_000))),
    422,
    "request.invalid",
  );
  await expectProblem(
    operator.send("POST", "/admin/templates", body("x".repeat(20_000_000))),
    413,
    "request.too_large",
  );
  assertEquals((await list()).items, []);
});

Deno.test("creators neither see templates of one's own nor bring any", async () => {
  const { creator } = await setUp();
  await expectProblem(creator.get("/admin/templates"), 403, "auth.operator_only");
  for (const path of ["/admin/templates", "/admin/templates/proposals"]) {
    await expectProblem(creator.send("POST", path, body(GRAPH)), 403, "auth.operator_only");
  }
});

Deno.test("a job says when its template has a newer version", async () => {
  const { studio, creator } = await setUp();
  const id = await makeJob(creator);
  const Seen = z.looseObject({ newerTemplate: z.string().nullable() });
  const newer = async () => (await creator.json(Seen, 200, creator.get(`/jobs/${id}`))).newerTemplate;
  assertEquals(await newer(), null);
  changeJob(studio.kept, id, { template: { name: "animate/move", version: "0.9.0" } });
  assertEquals(await newer(), "1.0.0");
});
