/** A draft made for good: two draft renderers, one of them configured as a real ComfyUI by its address. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openDraft, openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Take = z.looseObject({
  id: z.string(),
  draft: z.boolean(),
  engine: z.string(),
  draftId: z.string().nullable(),
  parentId: z.string().nullable(),
  settings: z.looseObject({ seed: z.string() }),
  kin: z.object({
    draft: z.looseObject({ id: z.string() }).nullable(),
    finals: z.array(z.looseObject({ id: z.string() })),
  }),
  promotable: z.boolean(),
  steps: z.array(z.looseObject({ id: z.string(), take: z.int(), asked: z.unknown() })),
  assets: z.array(z.object({ role: z.string(), assetId: z.string(), used: z.boolean() })),
  film: z.unknown(),
});
const Told = z.looseObject({ id: z.string() });

Deno.test("a draft is made for good once, with its plan, retakes and files, and both know of one another", async () => {
  const dir = await Deno.makeTempDir();
  const [drafted, sent]: [string[], string[]] = [[], []];
  const draft = await openDraft(`${dir}/draft`, { accepted: drafted });
  const server = await openDraft(`${dir}/server`, { accepted: sent });
  const house = await openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url, COMFY_URLS: server.url });
  try {
    const person = await personAt(house).register();
    const cast = await person.bringCast();
    const { id } = await person.create({
      mode: "audio",
      title: "Fog",
      prompt: "A singer in the fog",
      assets: { groundTruth: cast.character, audio: cast.voice },
      settings: { seconds: 0.5, width: 320, height: 320, preset: "fast", engine: "draft", seed: "5" },
    });
    assertEquals((await person.waitForEnd(id)).status, "completed");
    const look = (job: string) => person.json(Take, "GET", `/jobs/${job}`);
    const first = await look(id);
    const step = first.steps.find(({ asked }) => asked !== null)?.id;
    await person.command(id, "retake", {
      step,
      changes: { seed: "77", prompt: "A singer in the rain" },
      follow: "keep",
    });
    await person.waitFor(id, ({ run, status }) => run === 2 && status === "completed");
    assertEquals([sent.length, (await look(id)).promotable], [0, true]);

    const final = await person.json(Told, "POST", `/jobs/${id}/promote`);
    const again = await person.json(Told, "POST", `/jobs/${id}/promote`);
    assertEquals(again.id, final.id, "a second time it is the same film");
    assertEquals((await person.waitForEnd(final.id)).status, "completed");
    assert(sent.length > 0, "the server rendered it");

    const [from, made] = [await look(id), await look(final.id)];
    assertEquals([made.engine, made.draft, made.draftId], ["comfy", false, id]);
    assertEquals([made.kin.draft?.id, from.kin.finals.map((one) => one.id)], [id, [final.id]]);
    assertEquals([made.kin.finals, from.kin.draft, made.promotable], [[], null, false]);
    assertEquals(made.settings.seed, from.settings.seed);
    assertEquals([made.assets, made.film], [from.assets, from.film]);
    const asked = (job: typeof made) => Object.fromEntries(job.steps.map((one) => [one.id, one.asked]));
    assertEquals(asked(made), asked(from), "the retake's seed and words go with it");
  } finally {
    await house.close();
    await server.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
