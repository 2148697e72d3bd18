/** Demo data: an operator, and a creator with films in every state that lasts. */
import { z } from "zod";
import { type Cast, type Person, readSample } from "@/tests/rig/person.ts";
import type { Scene } from "./scene.ts";

export interface Demo {
  operator: Person;
  creator: Person;
  cast: Cast;
  /** A finished Animate film, a finished Audio film, one that was cancelled, and one that still runs. */
  jobs: { animate: string; audio: string; cancelled: string; running: string };
  /** Holds the Animate film and the character. */
  project: string;
  /** Paths of links to the Animate film: one that works, one that was taken back. */
  links: { open: string; revoked: string };
}

/** A film of this length takes the draft renderer longer than any look at it. */
const LONG_S = 60;

export async function openDemo(scene: Scene): Promise<Demo> {
  const operator = await scene.newPerson();
  const creator = await scene.newPerson();
  const cast = await creator.bringCast();
  const animate = await creator.animate(cast, { title: "Harbour, take one", frames: 33 });
  const audio = await creator.perform(cast, { title: "Song in the fog", seconds: 2 });
  const ended = await Promise.all([animate, audio].map(({ id }) => creator.waitForEnd(id, 120_000)));
  const failed = ended.find(({ status }) => status !== "completed");
  if (failed) throw new Error(`A film of the demo ended as ${failed.status}: ${failed.problem?.message}`);
  const cancelled = await creator.perform(cast, { title: "Too dark", seconds: LONG_S });
  await creator.command(cancelled.id, "cancel");
  await creator.waitForEnd(cancelled.id);
  const running = await creator.perform(cast, { title: "A long evening", seconds: LONG_S });
  await creator.waitFor(running.id, ({ steps }) => steps.some(({ state }) => state === "done"), 60_000);
  return {
    operator,
    creator,
    cast,
    jobs: { animate: animate.id, audio: audio.id, cancelled: cancelled.id, running: running.id },
    ...await fillLibrary(creator, { film: animate.id, cast }),
  };
}

const WithId = z.looseObject({ id: z.string() });
const Link = z.looseObject({ id: z.string(), url: z.string() });

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
