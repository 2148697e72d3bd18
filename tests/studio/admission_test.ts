/** How many jobs a person may have open holds however many requests come at once. */
import { assertEquals } from "@/tests/assert.ts";
import { readSample } from "@/tests/rig/person.ts";
import { z } from "zod";
import { openRig } from "@/tests/rig/rig.ts";

Deno.test("requests at the same moment do not together pass the limit of open jobs", async () => {
  await using rig = await openRig({ env: { JOBS_QUEUED_MAX: "2" } });
  const { person } = rig;
  const groundTruth = await person.upload("character.png", await readSample("character.png"));
  const audio = await person.upload("voice.mp3", await readSample("voice.mp3"));
  const wish = {
    mode: "audio",
    prompt: "Later",
    assets: { groundTruth, audio },
    settings: { width: 320, height: 320, seconds: 0.5 },
    start: false,
  };
  const answers = await Promise.all(Array.from({ length: 5 }, () => person.send("POST", "/jobs", wish)));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  assertEquals(answers.map(({ status }) => status).sort(), [202, 202, 429, 429, 429]);
  assertEquals(bodies.flatMap(({ code }) => code ?? []), Array(3).fill("job.queue_full"));
  assertEquals((await person.page()).items.length, 2);
});

Deno.test("with a moment of rendering left one film begins, however many are asked for at the same moment", async () => {
  await using rig = await openRig({ env: { GPU_MINUTES_PER_DAY: "1" } });
  const { person, house } = rig;
  const groundTruth = await person.upload("character.png", await readSample("character.png"));
  const audio = await person.upload("voice.mp3", await readSample("voice.mp3"));
  const { id } = await person.json(z.looseObject({ id: z.string() }), "GET", "/auth/me");
  const spent = { user_id: id, job_id: "job", step_id: "s", kind: "gpu", place: "draft", state: "spent" };
  await house.db.writer.insertInto("ledger")
    .values({ ...spent, id: "spent", seconds: 59.999, bytes: 0, estimate: 0, money: 0, at: Date.now() })
    .execute();
  const wish = {
    mode: "audio",
    prompt: "Later",
    assets: { groundTruth, audio },
    settings: { width: 320, height: 320, seconds: 0.5 },
    start: false,
  };
  const answers = await Promise.all(Array.from({ length: 5 }, () => person.send("POST", "/jobs", wish)));
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  assertEquals(answers.map(({ status }) => status).sort(), [202, 429, 429, 429, 429]);
  assertEquals(bodies.flatMap(({ code }) => code ?? []), Array(4).fill("quota.minutes"));
  const [kept] = (await person.page()).items;
  const again = await person.send("POST", `/jobs/${kept?.id}/duplicate`);
  assertEquals([again.status, (await again.json()).code], [429, "quota.minutes"]);
});
