/** What every local operation is given and gives back, and what they share. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { FrameRate, Probe } from "@/core/media.ts";
import type { Media, RunOptions, Scratch } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";

export type OperationValue = string | number | boolean | { path: string } | { paths: string[] };

export interface OperationInput {
  values: Record<string, OperationValue>;
  /** Everything is made in here; the caller keeps what it wants and releases it. */
  scratch: Scratch;
  media: Media;
  signal: AbortSignal;
  /** Share of the operation that is done, 0 to 1. */
  onProgress: (share: number) => void;
}

export interface OperationResult {
  files: { role: string; path: string; ext: string }[];
  facts: Record<string, string | number | boolean | null>;
}

export type Operation = (input: OperationInput) => Promise<OperationResult>;

export const File = z.strictObject({ path: z.string() });
export const Files = z.strictObject({ paths: z.array(z.string()).min(1) });
export const Count = z.int().min(0);
export const RateValues = { rateNum: z.int().positive(), rateDen: z.int().positive().default(1) };
export const POSTER_EDGE = 1280;

export function readValues<T>(schema: z.ZodType<T>, input: OperationInput): T {
  const values = schema.safeParse(input.values);
  if (values.success) return values.data;
  throw fail("studio.bug", { operator: `operation values: ${z.prettifyError(values.error)}` });
}

export function runOptions(input: OperationInput, framesInAll?: number): RunOptions {
  return {
    signal: input.signal,
    onProgress: ({ frame }) => {
      if (framesInAll) input.onProgress(Math.min(1, frame / framesInAll));
    },
  };
}

export function expectEqual(what: string, { wanted, found }: { wanted: number; found: number | null }): void {
  if (wanted === found) return;
  throw fail("media.lengths_differ", { operator: `${what}: wanted ${wanted}, got ${found}` });
}

export function pictureOf(probe: Probe): NonNullable<Probe["video"]> {
  if (probe.video === null) throw fail("asset.wrong_kind", { operator: "no picture in this file" });
  return probe.video;
}

export async function describeFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of (await Deno.open(path)).readable) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** Throws media.lengths_differ unless the picture is as wanted. */
export function checkPicture(probe: Probe, wanted: { frames: number; width: number; height: number }): void {
  const video = pictureOf(probe);
  for (const name of ["frames", "width", "height"] as const) {
    expectEqual(`${name} of the film`, { wanted: wanted[name], found: video[name] });
  }
}

/** What every film is known by. */
export interface FilmFacts {
  frames: number | null;
  width: number;
  height: number;
  rate: FrameRate | null;
  durationS: number | null;
  soundS?: number | null;
  draft: boolean;
}

/** A film with its poster, which shows what is a third into it, and its record. */
export async function handOver(
  { media, scratch, signal }: OperationInput,
  film: string,
  told: { facts: FilmFacts; more?: OperationResult["facts"]; record: unknown },
): Promise<OperationResult> {
  const [poster, metadata] = [scratch.path("poster.jpg"), scratch.path("metadata.json")];
  const { rate, ...facts } = told.facts;
  const atS = (facts.durationS ?? 0) / 3;
  await media.poster({ path: film, atS, edge: POSTER_EDGE, output: poster }, { signal });
  await Deno.writeTextFile(metadata, JSON.stringify(told.record, null, 2));
  return {
    files: [
      { role: "film", path: film, ext: "mp4" },
      { role: "poster", path: poster, ext: "jpg" },
      { role: "metadata", path: metadata, ext: "json" },
    ],
    facts: { ...facts, rateNum: rate?.num ?? null, rateDen: rate?.den ?? null, ...told.more },
  };
}

/** A draft says so before anything else. */
export function markedComment({ draft, comment = "" }: { draft: boolean; comment?: string }): string {
  return [draft ? "Draft." : "", comment].filter((part) => part !== "").join(" ");
}
