/** From a form on a job's page to the call that carries it out: the same for the server's forms and for those in the browser. */
import type { ShownAsked, ShownJobDetail } from "@/core/shown.ts";

/** What both a `FormData` of the browser and one of the server can do. */
export interface Given {
  get(name: string): unknown;
}

export interface Command {
  path: string;
  body: Record<string, unknown>;
}

const SIMPLE = ["start", "cancel", "pause", "resume", "retry", "duplicate", "promote", "delete"];

/** Null for a form that asks for nothing known. `drawSeed` makes a new seed for a further take. */
export function commandOf(job: ShownJobDetail, given: Given, drawSeed: () => string): Command | null {
  const name = textOf(given, "do");
  const path = `/api/jobs/${job.id}/${name}`;
  const preset = textOf(given, "preset");
  if (name === "retry" && preset !== "") return { path, body: { preset } };
  if (SIMPLE.includes(name)) return { path, body: {} };
  if (name === "pause_now") return { path: `/api/jobs/${job.id}/pause`, body: { now: true } };
  if (name === "cut") return { path, body: { after: Number(textOf(given, "after")) } };
  if (name === "restore") {
    return { path: "/api/library/mark", body: { action: "restore", films: [job.id] } };
  }
  const step = textOf(given, "step");
  if (name === "approve") return { path, body: { step, take: Number(textOf(given, "take")) } };
  if (name === "follow") return { path, body: { step, choice: textOf(given, "choice") } };
  if (name !== "retake") return null;
  const asked = job.steps.findLast(({ id }) => id === step)?.asked ?? null;
  const changes = changesOf(asked, given, drawSeed);
  return { path, body: { step, changes, follow: textOf(given, "follow") || "ask" } };
}

/** Only what differs from what the part was asked for. An empty preset means the same one again. */
function changesOf(asked: ShownAsked | null, given: Given, drawSeed: () => string): Record<string, string> {
  const changes: Record<string, string> = {};
  for (const name of ["prompt", "negativePrompt", "preset"] as const) {
    const value = given.get(name);
    if (typeof value !== "string" || value === asked?.[name]) continue;
    if (value !== "" || name !== "preset") changes[name] = value.replaceAll("\r\n", "\n");
  }
  const seed = textOf(given, "seed").replaceAll(/\s/g, "");
  if (textOf(given, "newSeed") !== "" || seed === "") changes.seed = drawSeed();
  else if (seed !== asked?.seed) changes.seed = seed;
  return changes;
}

function textOf(given: Given, name: string): string {
  const value = given.get(name);
  return typeof value === "string" ? value : "";
}
