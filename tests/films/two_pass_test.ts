/** Stop after the first pass, through the whole studio: it is shown and waits, and the second pass goes on from its latent. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig, type Rig } from "@/tests/rig/rig.ts";
import { decodedBytes, fetchOutput, openTestMedia } from "./watch.ts";

const WISH = {
  mode: "wan",
  submode: "t2v",
  prompt: "A tram climbs a steep street",
  settings: { width: 320, height: 320, seconds: 0.5, seed: "7", preset: "fast" },
};
const STOPS = { ...WISH, settings: { ...WISH.settings, stopAfterFirstPass: true } };

async function waitAtGate({ person }: Rig, id: string) {
  return await person.waitFor(id, ({ steps }) => steps.some(({ state }) => state === "waiting_for_person"));
}

Deno.test("the first pass is shown, holds no server and lets nothing follow; approved, the film is that of one pass", async () => {
  await using rig = await openRig();
  const { person, house } = rig;
  const whole = await person.create(WISH);
  const job = await person.create(STOPS);
  const waiting = await waitAtGate(rig, job.id);
  assertEquals(waiting.status, "executing");
  assertEquals(waiting.stage, "The first pass is there and waits for you");
  const first = waiting.steps.find(({ id }) => id === "shot-first");
  const files = Object(first).files as { role: string; mime: string; url: string }[];
  assertEquals(files.map(({ role }) => role).sort(), ["latent", "preview"]);
  const look = await person.send("GET", (files.find(({ role }) => role === "preview")?.url ?? "").slice(4));
  assertEquals([look.status, look.headers.get("content-type")], [200, "video/mp4"]);
  await look.body?.cancel();
  await person.waitForEnd(whole.id);
  const facts = await house.store.inspect();
  assertEquals(facts.slots, []);
  assertEquals(facts.steps.filter(({ id, jobId }) => jobId === job.id && id === "shot")[0]?.state, "pending");
  await person.command(job.id, "approve", { step: "shot-first", take: 0 });
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, ended.problem], ["completed", null]);
  assert(ended.events.some(({ type }) => type === "step.approved"));
  const media = await openTestMedia();
  const bytes = async (id: string) => await decodedBytes(media, (await fetchOutput(rig, id)).path);
  assertEquals(await bytes(job.id), await bytes(whole.id));
});

Deno.test("another first pass with another seed waits again, and gives another film", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const media = await openTestMedia();
  const job = await person.create(STOPS);
  await waitAtGate(rig, job.id);
  await person.command(job.id, "retake", { step: "shot-first", changes: { seed: "8" } });
  await person.waitFor(
    job.id,
    ({ steps }) => steps.some((step) => step.take === 1 && step.state === "waiting_for_person"),
  );
  const old = await person.send("POST", `/jobs/${job.id}/approve`, { step: "shot-first", take: 0 });
  assertEquals(old.status, 409);
  await old.body?.cancel();
  await person.command(job.id, "approve", { step: "shot-first", take: 1 });
  await person.waitForEnd(job.id);
  const other = await person.create({ ...WISH, settings: { ...WISH.settings, seed: "8" } });
  const usual = await person.create(WISH);
  const bytes = async (id: string) => await decodedBytes(media, (await fetchOutput(rig, id)).path);
  assertEquals(await bytes(job.id), await bytes(other.id));
  assert(await bytes(job.id) !== await bytes(usual.id));
});

Deno.test("a job that is cancelled at its gate ends, and its history says what it waited for", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const job = await person.create(STOPS);
  await waitAtGate(rig, job.id);
  const page = await person.page();
  assertEquals(Object(page.items[0]).approvals, [{ step: "shot-first", take: 0 }]);
  await person.command(job.id, "cancel");
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, Object(ended).approvals], ["cancelled", []]);
  assert(ended.events.some(({ message }) => message.includes("waits for you")));
});
