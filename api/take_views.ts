/** What a person sees of a long take: its pieces in the order of the film, with the figures of their joins. */
import { z } from "zod";
import { pieceOf } from "@/core/pieces.ts";
import type { LocalStep, Plan, PromptStep, StepFile } from "@/core/plan.ts";
import { readDirected } from "@/core/prompt_file.ts";
import { TakeWishes } from "@/core/request.ts";
import type { PieceState } from "@/core/shown.ts";
import type { ShownChunk, ShownFigures, ShownTake } from "@/core/shown_take.ts";
import type { StepRow } from "@/core/store.ts";
import { driftBetween, JoinFigures, PieceFacts } from "@/core/take_joins.ts";
import { readDraft } from "./admission.ts";
import { listEnds } from "./cut_take.ts";
import type { JobRecord, Studio } from "./studio.ts";

const JOIN = "join";
const Cuts = z.array(z.tuple([z.int(), z.int(), z.int()]));
const Metadata = z.looseObject({ joins: z.array(JoinFigures) });

/** Null for jobs that are no long take, and for takes whose plan is not there. */
export async function showTake(
  studio: Pick<Studio, "files" | "jobs">,
  of: { job: JobRecord; plan: Plan | null; rows: StepRow[] },
): Promise<ShownTake | null> {
  const { job, plan } = of;
  const { files } = studio;
  if (job.mode !== "take" || plan === null) return null;
  const draft = readDraft(job);
  const wishes = draft.take ?? TakeWishes.parse({});
  const [rows, newest] = [usedRows(of.rows), newestRows(of.rows)];
  const join = rows.get(JOIN);
  const { joins } = await readFile(files, { row: join, role: "metadata", schema: Metadata }) ?? { joins: [] };
  const { positive } = readDirected(draft.prompt);
  const parts = partsOf(plan);
  const isDropped = !wishes.keep && job.status === "completed";
  const facts = await Promise.all(
    parts.map(({ look }) => readFile(files, { row: rows.get(look.id), role: "facts", schema: PieceFacts })),
  );
  const chunks = parts.map((part, at): ShownChunk => {
    const ids = { high: part.high.id, low: part.low.id, look: part.look.id };
    const [high, low, look] = [rows.get(ids.high), rows.get(ids.low), rows.get(ids.look)];
    const prompt = textOf(part.high);
    const clip = fileOf(low, "clip");
    const own = facts[at];
    return {
      number: at + 1,
      steps: ids,
      start: part.start,
      frames: part.frames - part.repeats,
      repeats: part.repeats,
      anchor: part.anchor,
      state: stateOf(Object.values(ids).map((id) => newest.get(id))),
      stale: [high, low].some((row) => row?.stale === true),
      prompt,
      ownPrompt: ownWords(prompt, positive),
      takes: { high: high?.take ?? 0, low: low?.take ?? 0 },
      quality: own && clip
        ? {
          frames: own.frames,
          width: own.width,
          height: own.height,
          codec: own.codec,
          pixelFormat: own.pixelFormat,
          sizeBytes: clip.bytes,
        }
        : null,
      figures: showFigures({ own, anchor: facts[part.anchor - 1], joined: joins[at] }),
      clipUrl: isDropped ? null : urlOf(job, low, "clip"),
      previewUrl: urlOf(job, look, "preview"),
      referenceUrl: urlOf(job, look, "reference"),
      firstLookUrl: urlOf(job, high, "preview"),
    };
  });
  return {
    chunk: wishes.chunk,
    overlap: wishes.overlap,
    seams: wishes.seams,
    joins: wishes.joins,
    correct: wishes.correct,
    keep: wishes.keep,
    approvesHigh: draft.settings.stopAfterFirstPass === true,
    rate: Number(parts[0]?.look.values.rateNum ?? 16) / Number(parts[0]?.look.values.rateDen ?? 1),
    prompt: positive,
    chunks,
    ends: await listEnds(studio, { job, plan, rows: of.rows }),
    beforeUrl: urlOf(job, join, "before"),
  };
}

interface Part {
  high: PromptStep;
  low: PromptStep;
  look: LocalStep;
  /** Of its frames, `repeats` are shown by the piece before it. */
  start: number;
  frames: number;
  repeats: number;
  anchor: number;
}

/** The plan's steps come piece by piece: high pass, low pass, the look at it. */
function partsOf({ steps }: Plan): Part[] {
  const of = <T extends PromptStep | LocalStep>(is: (step: PromptStep | LocalStep) => step is T) =>
    steps.filter(is);
  const highs = of((step): step is PromptStep => step.kind === "prompt" && step.id.startsWith("high-"));
  const lows = of((step): step is PromptStep => step.kind === "prompt" && step.id.startsWith("low-"));
  const looks = of((step): step is LocalStep => step.kind === "local" && step.op === "look_at_piece");
  const cuts = cutsOf(steps.find(({ id }) => id === JOIN));
  let start = 0;
  return looks.flatMap((look, at) => {
    const [high, low] = [highs[at], lows[at]];
    if (!high || !low) return [];
    const [frames, repeats] = [Number(look.values.frames), Number(look.values.repeats)];
    const part = { high, low, look, start, frames, repeats, anchor: cuts[at]?.[2] ?? 1 };
    start += frames - repeats;
    return [part];
  });
}

function cutsOf(join: Plan["steps"][number] | undefined): z.infer<typeof Cuts> {
  const { cuts } = join?.values ?? {};
  return typeof cuts === "string" ? Cuts.parse(JSON.parse(cuts)) : [];
}

/** Of each step the take that counts: the chosen one if it is there, else the newest. */
function usedRows(rows: StepRow[]): Map<string, StepRow> {
  const used = new Map<string, StepRow>();
  for (const row of rows) {
    const other = used.get(row.id);
    if (!other || row.chosen || (!other.chosen && row.take > other.take)) used.set(row.id, row);
  }
  return used;
}

function newestRows(rows: StepRow[]): Map<string, StepRow> {
  const newest = new Map<string, StepRow>();
  for (const row of rows) if (row.take >= (newest.get(row.id)?.take ?? 0)) newest.set(row.id, row);
  return newest;
}

function stateOf(rows: (StepRow | undefined)[]): PieceState {
  const states = rows.map((row) => row ? pieceOf(row.state) : "todo");
  if (states.includes("failed")) return "failed";
  if (states.every((state) => state === "done")) return "done";
  return states.every((state) => state === "todo") ? "todo" : "now";
}

function showFigures(
  of: { own: PieceFacts | null | undefined; anchor: PieceFacts | null | undefined; joined?: JoinFigures },
): ShownFigures | null {
  const { own, anchor, joined } = of;
  if (!own && !joined) return null;
  return {
    sharpness: own?.sharpness ?? joined?.sharpness ?? 0,
    toAnchor: own && anchor ? driftBetween(own, anchor) : joined?.toAnchor ?? null,
    toAnchorJoined: joined?.toAnchorJoined ?? null,
    step: joined?.step ?? null,
    stepJoined: joined?.stepJoined ?? null,
    frozen: joined?.frozen ?? (own ? own.frozenHead + own.frozenTail : 0),
    repeated: joined?.repeated ?? null,
    corrected: joined?.corrected ?? null,
  };
}

function textOf({ values }: PromptStep): string {
  return typeof values.prompt === "string" ? values.prompt : "";
}

/** What a piece's words have besides those of the take; all of them where they are others. */
function ownWords(prompt: string, common: string): string | null {
  if (prompt === common) return null;
  return prompt.startsWith(`${common}\n`) ? prompt.slice(common.length + 1) : prompt;
}

function fileOf(row: StepRow | undefined, role: string): StepFile | undefined {
  return row?.outputs.find((output) => output.role === role);
}

function urlOf(job: JobRecord, row: StepRow | undefined, role: string): string | null {
  const file = fileOf(row, role);
  return row && file
    ? `/api/jobs/${job.id}/steps/${row.id}/takes/${row.take}/files/${role}/${file.ord}`
    : null;
}

type Files = Studio["files"];
/** Files are named by their content, so what was read once stays true. */
const KEPT_MAX = 2000;
const kept = new WeakMap<Files, Map<string, unknown>>();

/** Null where the step made no such file, or it is gone. */
async function readFile<T>(
  files: Files,
  { row, role, schema }: { row: StepRow | undefined; role: string; schema: z.ZodType<T> },
): Promise<T | null> {
  const file = fileOf(row, role);
  if (!file) return null;
  const name = `${file.sha256}.${file.ext}`;
  const known = kept.get(files) ?? new Map<string, unknown>();
  kept.set(files, known);
  if (!known.has(name)) {
    const content = await files.read(name).then((stream) => new Response(stream).json()).catch(() => null);
    if (content === null) return null;
    if (known.size >= KEPT_MAX) known.clear();
    known.set(name, content);
  }
  return schema.safeParse(known.get(name)).data ?? null;
}
