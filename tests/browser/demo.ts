/** Demo data: an operator, and a creator with a film in every state that lasts, a project, and links. */
import { z } from "zod";
import { type Cast, type Person, readSample } from "@/tests/rig/person.ts";
import type { Scene } from "./scene.ts";

export interface Demo {
  operator: Person;
  creator: Person;
  cast: Cast;
  /** Ids: finished Animate and Audio films (the first with two takes), and films that failed, were cancelled, are being rendered, and wait. */
  jobs: Record<"animate" | "audio" | "failed" | "cancelled" | "running" | "waiting", string>;
  /** Four takes of one request, one kept and one rejected. */
  batch: string;
  /** Holds the Animate film and the character. */
  project: string;
  /** Paths of links to the Animate film: one that works, one that was taken back. */
  links: { open: string; revoked: string };
  /** Its receiver never answers. */
  webhook: string;
}

/** More than any film takes, and longer than any look at one. */
const TRIES = 1000;
const STEP_MS = 60_000;
const END_LIMIT_MS = 120_000;

export async function openDemo({ newPerson, draft }: Scene): Promise<Demo> {
  const operator = await newPerson();
  const creator = await newPerson();
  const cast = await creator.bringCast();
  const [animate, audio] = await Promise.all([
    creator.animate(cast, { title: "Harbour, take one", frames: 33 }),
    creator.perform(cast, { title: "Song in the fog", seconds: 2 }),
  ]);
  const ended = await Promise.all([animate, audio].map(({ id }) => creator.waitForEnd(id, END_LIMIT_MS)));
  const wrong = ended.find(({ status }) => status !== "completed");
  if (wrong) throw new Error(`A film of the demo ended as ${wrong.status}: ${wrong.problem?.message}`);

  const batch = await makeBatch(creator, cast);
  const again = { step: "chunk-001", changes: { seed: "7" }, follow: "keep" };
  await creator.command(animate.id, "retake", again);
  await creator.waitFor(animate.id, ({ run, status }) => run === 2 && status === "completed", END_LIMIT_MS);

  await draft.obey({ do: "next", fault: "error", count: TRIES });
  const failed = await creator.animate(cast, { title: "Rain on the pier", frames: 33 });
  await creator.waitFor(failed.id, ({ status }) => status === "failed", END_LIMIT_MS);
  await draft.obey({ do: "clear" });

  const running = await creator.perform(cast, { title: "A long evening" });
  await creator.waitFor(running.id, ({ steps }) => steps.some(({ state }) => state === "done"), END_LIMIT_MS);
  await draft.obey({ do: "next", fault: "slow", value: STEP_MS, count: TRIES });
  await creator.waitFor(running.id, ({ status }) => status === "executing");

  const cancelled = await creator.perform(cast, { title: "Too dark" });
  await creator.command(cancelled.id, "cancel");
  await creator.waitForEnd(cancelled.id);
  const waiting = await creator.animate(cast, { title: "Harbour, take two", submode: "mix" });
  return {
    operator,
    creator,
    cast,
    jobs: {
      animate: animate.id,
      audio: audio.id,
      failed: failed.id,
      cancelled: cancelled.id,
      running: running.id,
      waiting: waiting.id,
    },
    batch,
    webhook: await makeWebhook(creator),
    ...await fillLibrary(creator, { film: animate.id, cast }),
  };
}

const WithId = z.looseObject({ id: z.string() });
const Link = z.looseObject({ id: z.string(), url: z.string() });

/** One that was asked for a test message and is never reached: no name ends so. */
async function makeWebhook(creator: Person): Promise<string> {
  const body = { url: "https://hooks.invalid/animatrix", events: ["job.completed", "job.failed"] };
  const { id } = await creator.json(WithId, "POST", "/webhooks", body);
  await creator.json(z.unknown(), "POST", `/webhooks/${id}/ping`);
  return id;
}

const Batch = z.looseObject({ batchId: z.string(), items: z.array(WithId) });

async function makeBatch(creator: Person, cast: Cast): Promise<string> {
  const { batchId, items } = await creator.json(Batch, "POST", "/jobs", {
    mode: "audio",
    prompt: "Mika sings in {fog|rain}",
    count: 2,
    assets: { groundTruth: cast.character, audio: cast.voice },
    settings: { seconds: 0.5, width: 320, height: 320, seed: "7", preset: "fast" },
  });
  for (const { id } of items) await creator.waitForEnd(id, END_LIMIT_MS);
  const [kept, rejected] = items;
  await creator.json(z.unknown(), "POST", "/library/mark", { action: "star", films: [kept?.id] });
  await creator.json(z.unknown(), "POST", "/library/mark", { action: "reject", films: [rejected?.id] });
  return batchId;
}

/** A project with a film and a file in it, a file in the trash, a star, and two links. */
async function fillLibrary(
  creator: Person,
  { film, cast }: { film: string; cast: Cast },
): Promise<Pick<Demo, "project" | "links">> {
  const words = { name: "Harbour, five shots", description: "Dusk, lanterns, one long coat." };
  const { id: project } = await creator.json(WithId, "POST", "/projects", words);
  const things = { films: [film], files: [cast.character] };
  await creator.json(z.unknown(), "POST", "/library/move", { projectId: project, ...things });
  await creator.json(z.unknown(), "POST", "/library/mark", { action: "star", ...things });
  const old = await creator.upload("old coat.png", await readSample("character.png"));
  await creator.json(z.unknown(), "POST", "/library/mark", { action: "trash", files: [old] });
  const share = async (days: number) => await creator.json(Link, "POST", `/jobs/${film}/shares`, { days });
  const [open, revoked] = [await share(30), await share(1)];
  await creator.send("DELETE", `/shares/${revoked.id}`);
  return { project, links: { open: new URL(open.url).pathname, revoked: new URL(revoked.url).pathname } };
}
