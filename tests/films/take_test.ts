/** Long takes in the real house: from the request to the joined film, on the draft renderer. */
import { z } from "zod";
import { ShownTake } from "@/api/take_schemas.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const SETTINGS = { width: 320, height: 320, preset: "fast", seed: "7" };

Deno.test("a long take is rendered in pairs of passes and joined to the frame, and pieces that drift are brought back", async () => {
  await using rig = await openRig();
  const { person, draft } = rig;
  await draft.obey({ do: "set", settings: { driftPercent: 6 } });
  const job = await person.create({
    mode: "take",
    prompt: "A slow walk along a foggy harbour\n[chunk 2 same look] rain begins",
    settings: { ...SETTINGS, frames: 25 },
    take: { chunk: 10 },
  });
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, ended.problem], ["completed", null]);
  assertEquals(ended.steps.map(({ id }) => id).filter((id) => /^(high|low)/.test(id)), [
    "high-001",
    "low-002",
    "high-003",
    "low-004",
    "high-005",
    "low-006",
  ]);
  assertEquals(ended.outputs.map(({ type }) => type), ["film"]);

  const take = ShownTake.parse(ended.take);
  assertEquals([take.chunk, take.overlap, take.correct, take.rate], [10, 0, true, 16]);
  assertEquals(
    take.chunks.map((
      { start, frames, anchor, state, ownPrompt },
    ) => [start, frames, anchor, state, ownPrompt]),
    [[0, 10, 1, "done", null], [10, 10, 1, "done", "rain begins"], [20, 5, 1, "done", null]],
  );
  for (const { quality, figures, previewUrl, referenceUrl, clipUrl } of take.chunks) {
    assertEquals([quality?.width, quality?.height, quality?.codec], [320, 320, "h264"]);
    assert((quality?.sizeBytes ?? 0) > 1000 && (figures?.sharpness ?? 0) > 0);
    assert(figures !== null && figures.toAnchor !== null && figures.toAnchorJoined !== null);
    for (const url of [previewUrl, referenceUrl, clipUrl]) {
      const answer = await person.send("GET", url?.replace(/^\/api/, "") ?? "");
      assertEquals(answer.status, 200, url ?? "none");
      await answer.body?.cancel();
    }
  }
  for (const { figures } of take.chunks.slice(1)) {
    const { toAnchor, toAnchorJoined, corrected } = figures ?? {};
    assert(corrected && (toAnchor ?? 0) > 3 && (toAnchorJoined ?? 9) < 2.5, JSON.stringify(figures));
  }
  const before = await person.send("GET", take.beforeUrl?.replace(/^\/api/, "") ?? "");
  assertEquals([before.status, before.headers.get("content-type")], [200, "video/mp4"]);
  await before.body?.cancel();
  const steps = take.chunks.map(({ figures }) => figures?.step ?? null);
  assertEquals(steps.map((step) => step === null), [true, false, false]);
});

Deno.test("a finished take ends after an earlier piece: it is joined again with its retakes, and nothing is rendered for it", async () => {
  await using rig = await openRig();
  const { person, house, accepted } = rig;
  const { id } = await person.create({
    mode: "take",
    prompt: "A slow walk along a foggy harbour\n[chunk 3] rain begins",
    settings: { width: 128, height: 128, preset: "fast", seed: "7", frames: 15 },
    take: { chunk: 5 },
  });
  assertEquals((await person.waitForEnd(id)).problem, null);
  await person.command(id, "retake", { step: "high-001", changes: { seed: "8" }, follow: "keep" });
  const ends = (run: number) => person.waitFor(id, (job) => job.run === run && job.status === "completed");
  await ends(2);
  const before = accepted.length;
  assertEquals(before, 8);
  const refused = await person.send("POST", `/jobs/${id}/cut`, { after: 3 });
  assertEquals(refused.status, 422);
  await refused.body?.cancel();
  await person.command(id, "cut", { after: 2 });
  const ended = await ends(3);
  assertEquals([accepted.length - before, ended.outputs.length], [0, 3]);
  const lengths: (number | null | undefined)[] = [];
  for (const { url } of ended.outputs) {
    const file = await person.send("GET", url.replace(/^\/api/, ""));
    const path = `${rig.dir}/film-${lengths.length}.mp4`;
    await Deno.writeFile(path, file.body ?? new Uint8Array());
    lengths.push((await house.media.probe(path)).video?.frames);
  }
  assertEquals(lengths, [10, 15, 15]);
  const take = ShownTake.parse(ended.take);
  assertEquals(take.chunks.map(({ takes, state }) => [takes.high, state]), [[1, "done"], [0, "done"]]);
  const { parts, prompt, settings } = z.looseObject({
    parts: z.looseObject({ total: z.number() }),
    prompt: z.string(),
    settings: z.looseObject({ frames: z.number() }),
  }).parse(ended);
  // The direction for the piece that is gone went with it.
  assertEquals([parts.total, prompt, settings.frames], [2, "A slow walk along a foggy harbour", 10]);
});

Deno.test("[PR24] a take on the prompt runners' graph is joined by the server piece by piece, and the last join is the film", async () => {
  await using rig = await openRig();
  const { person, house } = rig;
  const job = await person.create({
    mode: "take",
    template: "long_take/render",
    prompt: "A slow walk along a foggy harbour",
    settings: { ...SETTINGS, frames: 22 },
    take: { chunk: 13, joins: "server" },
  });
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, ended.problem], ["completed", null]);
  const rows = await house.store.steps(job.id);
  const film = (id: string) => rows.find((row) => row.id === id)?.outputs.find(({ role }) => role === "film");
  assertEquals(film("join")?.sha256, film("combine-002")?.sha256);
  const { video } = await house.media.probe(await house.storage.localPath(`${film("join")?.sha256}.mp4`));
  // 13 and 9 frames become 25 and 17, twice as wide, 30 a second.
  assertEquals([video?.frames, video?.width, video?.rate], [42, 640, { num: 30, den: 1 }]);
});

Deno.test("a take on the prompt runners' graph is as long as its pieces come out, and the studio joins it", async () => {
  await using rig = await openRig();
  const { person } = rig;
  const job = await person.create({
    mode: "take",
    template: "long_take/render",
    prompt: "A slow walk along a foggy harbour",
    settings: { ...SETTINGS, frames: 20 },
    take: { chunk: 12 },
  });
  const ended = await person.waitForEnd(job.id);
  assertEquals([ended.status, ended.problem], ["completed", null]);
});
