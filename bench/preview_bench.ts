/** How long the preview of a plan takes: through the API for a short film and the longest, and its place in a long queue. */
import { z } from "zod";
import { openProgressBus } from "@/adapters/system/progress.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { foreseeNew } from "@/core/foresight.ts";
import type { Asset } from "@/core/studio.ts";
import { generateJobs } from "@/db/generate.ts";
import { NO_LIMITS } from "@/core/schedule_memory.ts";
import { expectBy, openAhead, openLoads, openPaces } from "@/studio/door/ahead.ts";
import { admitReady, makeBackend, makePlan, newId, openSqlite } from "@/tests/db/fixtures.ts";
import { openRig, type Rig } from "@/tests/rig/rig.ts";
import { at, print, sortUp } from "./report.ts";

const PAST = 10_000;
const WAITING = 300;
const ROUNDS = 200;

export async function benchPreview(): Promise<void> {
  await benchAnswers();
  await benchPlaces();
}

async function benchAnswers(): Promise<void> {
  await using rig = await openRig({ env: { DRAFT_URL: "off" } });
  const { house, person } = rig;
  const owners = [newId(), newId(), newId()];
  await generateJobs(house.db.writer, { jobs: PAST, owners, newestAt: Date.now(), newId });
  const cast = await person.bringCast();
  const films = { "10s": cast.drive, "30min": await stretch(rig, cast.drive) };
  for (const [film, motionVideo] of Object.entries(films)) {
    const waits: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const assets = { groundTruth: cast.character, motionVideo };
      const body = { mode: "animate", submode: "move", prompt: "A dancer", assets };
      const from = performance.now();
      await person.json(z.looseObject({ ok: z.literal(true) }), "POST", "/jobs/preview", body);
      waits.push(performance.now() - from);
      // The studio allows ten a second.
      await new Promise((wake) => setTimeout(wake, 100));
    }
    tell(`preview.answer.${film}`, waits);
  }
}

async function benchPlaces(): Promise<void> {
  const { store, database: { reader }, close } = await openSqlite();
  for (const id of ["a", "b"]) await store.saveBackend(makeBackend({ id, slots: 2 }));
  const owners = Array.from({ length: 10 }, () => newId());
  for (let n = 0; n < WAITING; n++) {
    await admitReady(store, { userId: owners[n % owners.length], prompts: 7 });
  }
  const clock = systemClock();
  const ahead = openAhead({
    reader,
    clock,
    progress: openProgressBus(clock, new AbortController().signal),
    paces: openPaces({ reader, clock }),
    loads: openLoads({ reader, clock }),
    usual: () => NO_LIMITS,
  });
  const seen = await ahead();
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    const wish = { userId: newId(), plan: makePlan({ prompts: 7 }), priority: 0 };
    foreseeNew(seen.scene, wish, expectBy(seen.paces, "likely"));
    waits.push(performance.now() - from);
  }
  tell(`preview.place.${WAITING}_waiting`, waits);
  await close();
}

function tell(bench: string, waits: number[]): void {
  const sorted = sortUp(waits);
  print({ bench: `${bench}.p50`, value: at(sorted, 0.5), unit: "ms", target: "< 20" });
  print({ bench: `${bench}.p99`, value: at(sorted, 0.99), unit: "ms" });
}

/** The same clip as if it lasted half an hour. */
async function stretch({ house, person }: Rig, id: string): Promise<string> {
  const { assets } = house.studio;
  const { id: userId } = await person.json(z.looseObject({ id: z.string() }), "GET", "/auth/me");
  const clip = await assets.find(userId, id);
  if (!clip?.content?.probe.video) throw new Error("The clip is not there");
  const { probe } = clip.content;
  const video = { ...clip.content.probe.video, frames: 1800 * 24, rate: { num: 24, den: 1 } };
  const long: Asset = { ...clip, id: newId(), content: null };
  await assets.create(long);
  await assets.setContent(long.id, { ...clip.content, probe: { ...probe, durationS: 1800, video } });
  return long.id;
}
