/** What a film leaves behind when it has ended: its files, and no work that still comes due. */
import { z } from "zod";
import { until } from "@/tests/actors/runtime/quiet.ts";
import { assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const Actors = z.object({
  items: z.array(z.object({ id: z.string(), openMail: z.int(), openEffects: z.int() })),
});

Deno.test("[XC9] whatever looks after a film ends with it, when it is done and when it is cancelled", async () => {
  await using rig = await openRig({ stepMs: 40 });
  const { person } = rig;
  const cast = await person.bringCast();
  const done = await person.animate(cast, { frames: 5 });
  const stopped = await person.perform(cast, { seconds: 30 });
  await person.waitFor(stopped.id, ({ status }) => status === "executing");
  await person.command(stopped.id, "cancel");
  assertEquals((await person.waitForEnd(done.id)).status, "completed");
  assertEquals((await person.waitForEnd(stopped.id)).status, "cancelled");
  const open = async (id: string) => {
    const { items } = await person.json(Actors, "GET", "/admin/actors");
    const found = items.find((actor) => actor.id === id);
    return [found?.openMail, found?.openEffects];
  };
  // Looking at a render server is an effect that begins itself anew until the film has ended.
  await until(async () => (await open(done.id))[1] === 0 && (await open(stopped.id))[1] === 0);
  assertEquals(await open(done.id), [0, 0]);
  const { accepted } = rig;
  const before = accepted.length;
  await person.animate(cast, { frames: 5 }).then(({ id }) => person.waitForEnd(id));
  assertEquals(
    [(await open(stopped.id))[1], accepted.length],
    [0, before + 1],
    "nothing began again meanwhile",
  );
});
