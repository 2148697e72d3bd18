/** What every local operation is given and gives back, and what they share. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Probe } from "@/core/media.ts";
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

/** A draft says so before anything else. */
export function markedComment({ draft, comment = "" }: { draft: boolean; comment?: string }): string {
  return [draft ? "Draft." : "", comment].filter((part) => part !== "").join(" ");
}
