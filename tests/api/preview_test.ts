/** The preview of a plan: what it says, what it forgives, and that it stores nothing. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { animateBody, expectProblem, makeJob, type Person, signUpCreator, upload } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { limitsOf } from "./fake_quotas.ts";
import { makeStudio } from "./fake_studio.ts";

const Preview = z.looseObject({
  ok: z.boolean(),
  missing: z.array(z.object({ path: z.string(), message: z.string() })),
  queue: z.object({ position: z.int(), startsInSeconds: z.number().nullable() }),
});

async function preview(person: Person, body: unknown) {
  return await person.json(Preview, 200, person.post("/jobs/preview", body));
}

async function missing(person: Person, body: unknown): Promise<string[]> {
  const seen = await preview(person, body);
  assertEquals(seen.ok, false);
  return seen.missing.map(({ path }) => path).sort();
}

Deno.test("a preview tells what the same request would become, and stores nothing", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = { ...await animateBody(person), settings: { width: 1000, seconds: 2 } };
  const seen = await preview(person, body);
  assertEquals(seen, {
    ok: true,
    missing: [],
    size: { width: 640, height: 640 },
    frames: 32,
    frameRate: 16,
    seconds: 2,
    chunks: 1,
    pieces: null,
    notes: ["You asked for 1000; the film will be 640 × 640."],
    servers: null,
    engine: "draft",
    estimate: { seconds: 2, low: 1, high: 4 },
    films: 1,
    all: null,
    queue: { position: 1, startsInSeconds: 0 },
  });
  assertEquals([studio.kept.jobs.size, studio.kept.plans.size, studio.kept.mail.length], [0, 0, 0]);
  changeJob(studio.kept, await makeJob(person), { status: "queued" });
  assertEquals((await preview(person, body)).queue, { position: 2, startsInSeconds: 60 });
});

Deno.test("what is missing for a job is told by its field, and is no error", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const good = await animateBody(person);
  const assets = z.record(z.string(), z.string()).parse(good.assets);
  assertEquals(await missing(person, { mode: "animate", submode: "move", assets: {} }), [
    "assets.groundTruth",
    "assets.motionVideo",
  ]);
  assertEquals(await missing(person, { ...good, assets: { motionVideo: assets.motionVideo } }), [
    "assets.groundTruth",
  ]);
  assertEquals(await missing(person, { ...good, settings: { width: 3, seed: "-1" } }), [
    "settings.seed",
    "settings.width",
  ]);
  const waiting = await person.json(
    z.looseObject({ id: z.string() }),
    201,
    person.post("/assets", { name: "a.png" }),
  );
  const half = { ...good, prompt: undefined, assets: { ...assets, groundTruth: waiting.id } };
  assertEquals(
    await missing(person, half),
    ["assets.groundTruth", "prompt"],
    "still uploading, and no words yet",
  );
  const foreign = await upload(await signUpCreator(studio, "other@example.org"), "png", { mark: 7 });
  assertEquals(await missing(person, { ...good, assets: { ...assets, groundTruth: foreign } }), [
    "assets.groundTruth",
  ]);
  assertEquals(await missing(person, { ...good, assets: { ...assets, groundTruth: assets.motionVideo } }), [
    "assets.groundTruth",
  ]);
  assertEquals(await missing(person, { ...good, settings: { frames: 999_999 } }), ["settings.frames"]);
  assertEquals(await missing(person, { ...good, projectId: waiting.id }), ["projectId"]);
  assertEquals(studio.kept.jobs.size, 0);
});

Deno.test("a full queue is told before anything is sent", async () => {
  const studio = makeStudio({ limits: limitsOf(1) });
  const person = await signUpCreator(studio);
  await makeJob(person);
  const seen = await preview(person, await animateBody(person));
  assertEquals([seen.ok, seen.frames], [false, 160]);
  assertEquals(seen.missing.map(({ path }) => path), [""]);
  assert(seen.missing[0]?.message.includes("1 film waiting or under way"));
});

Deno.test("a preview is for people who are signed in, and not for floods", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const body = await animateBody(person);
  const statuses: number[] = [];
  for (let n = 0; n < 60; n++) {
    const answer = await person.post("/jobs/preview", n % 2 === 0 ? body : { ...body, assets: {} });
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  assert(statuses.slice(0, 30).every((status) => status === 200));
  assertEquals(statuses.at(-1), 429);
  studio.clock.advance(1000);
  assertEquals((await preview(person, body)).ok, true);
  person.cookie = "";
  await expectProblem(person.post("/jobs/preview", body), 401, "auth.required");
});
