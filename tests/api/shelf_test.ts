/** The shelf through the API: who sees what, and the examples. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { expectProblem, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Shelf = z.object({
  items: z.array(z.looseObject({
    id: z.string(),
    exampleUrl: z.string().nullable(),
    modelsGb: z.object({ known: z.number(), unknown: z.int() }),
    servers: z.array(z.looseObject({ standing: z.string(), lines: z.array(z.unknown()) })),
    forOperators: z.looseObject({ models: z.array(z.looseObject({ source: z.string() })) }).nullable(),
  })),
});

Deno.test("everybody sees what a mode needs and who can make it; files, sources and what is missing are for operators", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const creator = await signUpCreator(studio, "mika@example.org");
  const [move, poor] = (await operator.json(Shelf, 200, operator.get("/shelf"))).items;
  assertEquals(move?.modelsGb, { known: 17.3, unknown: 0 });
  assertEquals(move?.forOperators?.models[0]?.source, "https://models.example/move");
  assertEquals(poor?.servers.map(({ standing, lines }) => [standing, lines.length]), [["poor", 1]]);
  const seen = (await creator.json(Shelf, 200, creator.get("/shelf"))).items;
  assertEquals(
    seen.map(({ servers }) => servers.map(({ standing, lines }) => `${standing} ${lines.length}`)),
    [["low 0", "whole 0"], ["poor 0"]],
  );
  assertEquals(seen.map(({ forOperators }) => forOperators), [null, null]);
  creator.cookie = "";
  await expectProblem(creator.get("/shelf"), 401, "auth.required");
});

Deno.test("an example is a picture for whoever is signed in", async () => {
  const studio = makeStudio();
  const person = await signUp(studio, "op@example.org");
  const [move] = (await person.json(Shelf, 200, person.get("/shelf"))).items;
  assertEquals(move?.exampleUrl, "/api/shelf/examples/drawn");
  const answer = await person.get("/shelf/examples/drawn");
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "image/webp"]);
  assertEquals((await answer.bytes()).byteLength, 4);
  await expectProblem(person.get("/shelf/examples/unknown"), 404, "request.not_found");
  await expectProblem(person.get("/shelf/examples/..%2Fkeys"), 422, "request.invalid");
});
