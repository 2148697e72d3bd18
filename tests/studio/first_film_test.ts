/** One film in the real house, from a fresh start to its history: what only the whole can show. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openHouseAt, openRig, personAt } from "@/tests/rig/rig.ts";

const Health = z.object({
  status: z.string(),
  parts: z.record(z.string(), z.looseObject({ state: z.string() })),
});
const History = z.object({
  items: z.array(z.object({
    seq: z.int(),
    at: z.iso.datetime(),
    type: z.string(),
    message: z.string(),
    payload: z.record(z.string(), z.unknown()),
  })),
});

Deno.test("[XC3] [XC18] [AX5] without any provider the studio starts, says of each that it is not configured, and people sign in by password", async () => {
  const dir = await Deno.makeTempDir();
  const house = await openHouseAt(dir, {});
  try {
    const person = await personAt(house).register("mika@studio.example");
    const { parts } = await person.json(Health, "GET", "/health");
    for (const part of ["db", "kv", "comfy", "storage", "media"]) assert(parts[part], part);
    for (const provider of ["anthropic", "cometapi", "youtube"]) {
      assertEquals(parts[provider]?.state, "not_configured", provider);
    }
    await person.json(z.unknown(), "POST", "/auth/logout", {});
    assertEquals((await person.send("GET", "/auth/me")).status, 401);
    await person.logIn("mika@studio.example");
    const me = await person.json(z.looseObject({ email: z.string() }), "GET", "/auth/me");
    assertEquals(me.email, "mika@studio.example");
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("[XC10] [AX25] [AX19] [AX46] a film's history tells every status in order, with time, sentence and payload, the job keeps what it was made from, and the ledger what it took", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const cast = await person.bringCast();
  const settings = { width: 320, height: 320, frames: 33, frameRate: 24, seed: "0", preset: "fast" };
  const job = await person.create({
    mode: "audio",
    prompt: "A singer in the fog",
    negativePrompt: "blurry",
    assets: { groundTruth: cast.character, audio: cast.voice },
    settings: { ...settings, frameRate: "template" },
  });
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, ended.problem], ["completed", null]);

  const { items } = await person.json(History, "GET", `/jobs/${job.id}/events`);
  const statuses = items.filter(({ type }) => type === "status").map(({ payload }) => payload.status);
  assertEquals(statuses, [
    "created",
    "validating",
    "uploading_assets",
    "queued",
    "executing",
    "collecting_outputs",
    "completed",
  ]);
  assert(items.every(({ message }) => /^\S.*[.!]$/.test(message)), JSON.stringify(items));
  const order = items.map(({ seq }) => seq);
  assertEquals(order, order.toSorted((a, b) => a - b));
  const times = items.map(({ at }) => at);
  assertEquals(times, times.toSorted());

  const { settings: kept, negativePrompt, template } = await person.json(
    z.looseObject({
      settings: z.looseObject({}),
      negativePrompt: z.string(),
      template: z.looseObject({ name: z.string(), version: z.string() }),
    }),
    "GET",
    `/jobs/${job.id}`,
  );
  assertEquals({ ...kept, ...settings, frameRate: "template" }, kept);
  assertEquals(negativePrompt, "blurry");
  assertEquals(template.name, "s2v/performance");
  assert(/^\d+\.\d+\.\d+$/.test(template.version));

  const { steps, ledger } = await rig.house.store.inspect();
  const done = steps.filter(({ state }) => state === "done");
  assertEquals(ledger.length, done.length, "an entry for each step");
  assert(ledger.every(({ seconds, bytes }) => seconds >= 0 && bytes > 0), JSON.stringify(ledger));
  const use = z.looseObject({ queued: z.int(), gpuSeconds: z.number(), diskBytes: z.number() });
  const own = await person.json(use, "GET", "/account/use");
  assert(own.queued === 0 && own.gpuSeconds > 0 && own.diskBytes > 0, JSON.stringify(own));
  const figures = await rig.house.studio.metrics.read();
  assert(
    /animatrix_spent_seconds_total\{kind="gpu"\} 0\.\d+|animatrix_spent_seconds_total\{kind="gpu"\} [1-9]/
      .test(figures),
  );
  const { id } = await person.json(z.looseObject({ id: z.string() }), "GET", "/auth/me");
  await person.json(z.unknown(), "POST", `/admin/people/${id}`, { gpuMinutesMax: 0 });
  const refused = await person.send("POST", "/jobs", {
    mode: "audio",
    prompt: "Once more",
    assets: { groundTruth: cast.character, audio: cast.voice },
  });
  const { code } = z.looseObject({ code: z.string() }).parse(await refused.json());
  assertEquals([refused.status, code], [429, "quota.minutes"]);
});
