/** What would happen, asked before anything is made. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { animateBody, expectProblem, Person, signUpCreator, upload } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Preview = z.looseObject({
  ok: z.boolean(),
  missing: z.array(z.object({ path: z.string(), message: z.string() })),
  queue: z.object({ position: z.int(), startsInSeconds: z.number().nullable() }),
});

Deno.test("a preview tells size, length, parts, time and place, and makes nothing", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const { estimate, ...seen } = await person.json(Preview, 200, person.post("/jobs/preview", body));
  assertEquals(seen, {
    ok: true,
    missing: [],
    size: { width: 640, height: 640 },
    frames: 160,
    frameRate: 16,
    seconds: 10,
    chunks: 1,
    notes: [],
    engine: "draft",
    queue: { position: 2, startsInSeconds: 90 },
  });
  assertEquals(estimate, { seconds: 2, low: 1.5, high: 3 });
  assertEquals([studio.kept.jobs.size, studio.kept.mail.length], [0, 0]);
});

Deno.test("a request that is not complete is answered with what it lacks, by path", async () => {
  const person = await signUpCreator(makeStudio());
  const missing = async (body: unknown) => {
    const seen = await person.json(Preview, 200, person.post("/jobs/preview", body));
    assertEquals(seen.ok, false);
    return seen.missing.map(({ path }) => path).sort();
  };
  assertEquals(await missing({ mode: "animate", submode: "move", assets: {} }), [
    "assets.groundTruth",
    "assets.motionVideo",
  ]);
  const body = await animateBody(person);
  const { prompt: _prompt, ...silent } = body;
  assertEquals(await missing(silent), ["prompt"]);
  assertEquals(await missing({ ...body, settings: { seed: "-1", width: 5 } }), [
    "settings.seed",
    "settings.width",
  ]);
  const sound = await upload(person, "wav");
  assertEquals(await missing({ ...body, assets: { groundTruth: sound, motionVideo: sound } }), [
    "assets.groundTruth",
    "assets.motionVideo",
  ]);
});

Deno.test("previews are for people of the studio, of their own files", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  await expectProblem(new Person(studio).post("/jobs/preview", body), 401, "auth.required");
  const other = await signUpCreator(studio, "jo@example.org");
  const seen = await other.json(Preview, 200, other.post("/jobs/preview", body));
  assertEquals([seen.ok, seen.missing.length], [false, 2]);
});
