/** Limits, use and cost over HTTP: what is refused and why, one's own use, and everybody's for operators. */
import { z } from "zod";
import { assertEquals, assertMatch } from "@/tests/assert.ts";
import { animateBody, expectProblem, FILES, putContent, signUp, signUpCreator } from "./client.ts";
import { limitsOf } from "./fake_quotas.ts";
import { makeStudio } from "./fake_studio.ts";

const Use = z.looseObject({
  limits: z.looseObject({ gpuMinutes: z.number().nullable(), diskBytes: z.number().nullable() }),
  gpuSeconds: z.number(),
  freesAt: z.string().nullable(),
});
const Refusal = z.looseObject({ code: z.string(), title: z.string(), detail: z.unknown() });

Deno.test("who used up the day's minutes is told the limit, the use, and when there is more", async () => {
  const studio = makeStudio({ limits: limitsOf(5, { gpuMinutes: 30 }) });
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  studio.kept.use = { gpuSeconds: 1800, diskBytes: 0, freesAt: studio.clock.now() + 7_200_000 };
  const answer = await mika.post("/jobs", await animateBody(mika));
  assertEquals([answer.status, answer.headers.get("retry-after")], [429, "7200"]);
  const refusal = Refusal.parse(await answer.json());
  assertEquals(refusal.code, "quota.minutes");
  assertMatch(JSON.stringify(refusal), /30 min[^"]*30 min[^"]*2 h/);
  const own = await mika.json(Use, 200, mika.get("/account/use"));
  assertEquals([own.limits.gpuMinutes, own.gpuSeconds], [30, 1800]);
  const path = `/admin/people/${studio.kept.accounts[1]?.id}`;
  await (await operator.post(path, { gpuMinutesMax: 60, runningMax: 2, diskGbMax: 1.5 })).body?.cancel();
  const after = await mika.json(Use, 200, mika.get("/account/use"));
  assertEquals([after.limits.gpuMinutes, after.limits.diskBytes, after.limits.running], [60, 1.5e9, 2]);
  assertEquals((await mika.post("/jobs", await animateBody(mika))).status, 202);
});

Deno.test("a file beyond one's disk is refused before it is read", async () => {
  const studio = makeStudio({ limits: limitsOf(5, { diskBytes: 1000 }) });
  const mika = await signUpCreator(studio);
  studio.kept.use = { gpuSeconds: 0, diskBytes: 990, freesAt: null };
  const known = z.looseObject({ id: z.string() });
  const { id } = await mika.json(known, 201, mika.post("/assets", { name: "a.png" }));
  await expectProblem(putContent(mika, id, FILES.png), 413, "quota.disk");
});

Deno.test("what everybody used is for operators alone, and limits are checked", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  await expectProblem(mika.get("/admin/spend"), 403, "auth.operator_only");
  const list = z.object({ currency: z.string(), items: z.array(z.looseObject({ email: z.string() })) });
  const spend = await operator.json(list, 200, operator.get("/admin/spend"));
  assertEquals([spend.currency, spend.items.length], ["EUR", 2]);
  const path = `/admin/people/${studio.kept.accounts[1]?.id}`;
  for (const name of ["runningMax", "gpuMinutesMax", "diskGbMax"]) {
    assertEquals(await expectProblem(operator.post(path, { [name]: -1 }), 422, "request.invalid"), [name]);
  }
});

Deno.test("what is set aside for films counts: together they are refused, and one's own page says how much it is", async () => {
  const studio = makeStudio({ limits: limitsOf(20, { gpuMinutes: 5 }) });
  const mika = await signUpCreator(studio);
  const body = await animateBody(mika);
  studio.kept.use = { gpuSeconds: 0, diskBytes: 0, freesAt: null, reserved: { gpuSeconds: 60, bytes: 0 } };
  // Two minutes each, and four are left.
  const many = await mika.post("/jobs", { ...body, count: 4 });
  const refusal = Refusal.parse(await many.json());
  assertEquals([many.status, refusal.code, many.headers.get("retry-after")], [429, "quota.minutes", null]);
  assertMatch(refusal.title, /will take about 7 min more, and you may use 5 min/);
  assertEquals(studio.kept.jobs.size, 0, "none of them");
  assertEquals((await mika.post("/jobs", { ...body, count: 2 })).status, 202);
  const Own = z.looseObject({ reserved: z.object({ gpuSeconds: z.number(), bytes: z.number() }) });
  assertEquals((await mika.json(Own, 200, mika.get("/account/use"))).reserved, { gpuSeconds: 60, bytes: 0 });
});
