/** From what a step's values refer to, to the stored files behind them. */
import { type FileRef, fileRefs, type Step, type StepFile } from "@/core/plan.ts";
import { problem } from "@/core/problem.ts";
import { StudioError } from "@/core/problem.ts";
import type { Storage } from "@/core/ports.ts";
import type { StepRow } from "@/core/store.ts";

export interface InputFile {
  ref: FileRef;
  /** Name in storage. */
  name: string;
  sha256: string;
  bytes: number;
}

/** One text for one reference, to look its file up by. */
export function refKey(ref: FileRef): string {
  return ref.from === "asset" ? `asset ${ref.sha256}` : `step ${ref.step} ${ref.role} ${ref.ord ?? 0}`;
}

/**
 * Finds every file that a row of this step takes in, from the very takes that it began with (`row.uses`).
 * `missing` lists the steps whose files are not in storage any more, or not whole. Throws job.input_changed for a missing asset.
 */
export async function inputFiles(
  of: { step: Step; row: StepRow; rows: StepRow[] },
  storage: Storage,
): Promise<{ files: Map<string, InputFile>; missing: string[] }> {
  const files = new Map<string, InputFile>();
  const missing = new Set<string>();
  for (const ref of fileRefs(of.step.values)) {
    const named = ref.from === "asset" ? ref : madeBy(of, ref);
    const name = named ? `${named.sha256}.${named.ext}` : null;
    const stat = name ? await storage.stat(name) : null;
    // What was cut off is as good as gone; its maker knows how long it was.
    const isWhole = stat !== null && (!named || !("bytes" in named) || named.bytes === stat.bytes);
    if (named && name && stat && isWhole) {
      files.set(refKey(ref), { ref, name, sha256: named.sha256, bytes: stat.bytes });
    } else if (ref.from === "step") missing.add(ref.step);
    else throw new StudioError(problem("job.input_changed"));
  }
  return { files, missing: [...missing] };
}

function madeBy(
  of: { row: StepRow; rows: StepRow[] },
  ref: Extract<FileRef, { from: "step" }>,
): StepFile | undefined {
  const take = of.row.uses[ref.step];
  const maker = of.rows.find((row) => row.id === ref.step && row.take === take);
  if (maker?.state !== "done") return undefined;
  return maker.outputs.find((file) => file.role === ref.role && file.ord === (ref.ord ?? 0));
}
