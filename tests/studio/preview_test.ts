/** The preview of a plan in a real studio: it says what the job then is. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";
import { type Cast, type Person, SeenDetail } from "@/tests/rig/person.ts";

const Span = z.object({ seconds: z.number(), low: z.number(), high: z.number() });
const Sides = z.object({ width: z.int(), height: z.int() });
const Preview = z.object({
  ok: z.literal(true),
  missing: z.array(z.unknown()).length(0),
  size: Sides,
  frames: z.int(),
  frameRate: z.number(),
  seconds: z.number(),
  chunks: z.int(),
  notes: z.array(z.string()),
  engine: z.literal("draft"),
  estimate: Span,
  queue: z.object({ position: z.int(), startsInSeconds: z.number().nullable() }),
});
const Detail = SeenDetail.extend({
  notes: z.array(z.string()),
  size: z.object({ asked: Sides, rendered: Sides }),
  film: z.looseObject({ frames: z.int() }),
  parts: z.looseObject({ total: z.int() }),
});

function wish({ character, drive }: Cast, settings: Record<string, unknown>) {
  const assets = { groundTruth: character, motionVideo: drive };
  return { mode: "animate", submode: "move", prompt: "A dancer", assets, settings };
}

const preview = (person: Person, body: unknown) => person.json(Preview, "POST", "/jobs/preview", body);

Deno.test("what a preview says of size, length, parts and notes is what the job then is", async () => {
  await using rig = await openRig({ stepMs: 20 });
  const { person } = rig;
  const body = wish(await person.bringCast(), { width: 1000, height: 602, seconds: 6 });
  const seen = await preview(person, body);
  assertEquals(seen.size, { width: 1008, height: 608 });
  assertEquals([seen.frames, seen.frameRate, seen.seconds, seen.chunks], [96, 16, 6, 2]);
  assert(seen.notes[0]?.includes("1000 × 602") && seen.notes[0].includes("1008 × 608"), seen.notes[0]);
  const job = await person.create({ ...body, start: false });
  const made = await person.json(Detail, "GET", `/jobs/${job.id}`);
  assertEquals(made.notes, seen.notes);
  assertEquals(made.size, { asked: { width: 1000, height: 602 }, rendered: seen.size });
  assertEquals([made.film.frames, made.parts.total], [seen.frames, seen.chunks]);
});
