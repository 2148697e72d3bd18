/** What every take was made from: no take is left out, whatever became of it or of its makers later. */
import { fileRefs, type Plan, type StepFile } from "@/core/plan.ts";
import type { Snapshot } from "@/db/inspect.ts";
import { readFakeContent } from "./fake_outputs.ts";
import type { Disk } from "./memory_storage.ts";

type Row = Snapshot["steps"][number];
type Wrong = (rule: string, what: string) => void;

export function takeKey(jobId: string, id: string, take: number | undefined): string {
  return `${jobId} ${id} ${take}`;
}

export class Provenance {
  /** Every set of files that a take was ever done with, the newest last. */
  readonly #made = new Map<string, StepFile[][]>();

  constructor(readonly disk: Disk, readonly plans: Map<string, Map<number, Plan>>, readonly wrong: Wrong) {}

  /** A take is done, for the first time or anew. Its files must come from takes that it names, as they then were. */
  done(row: Row): void {
    const key = takeKey(row.jobId, row.id, row.take);
    this.#made.set(key, [...this.#made.get(key) ?? [], row.outputs]);
    this.#compare(row, (id, role) =>
      (this.#made.get(takeKey(row.jobId, id, row.uses[id])) ?? [])
        .flatMap((files) => files.filter((file) => file.role === role).map((file) => file.sha256)));
  }

  /**
   * At the end a done take that is not stale is made from exactly what its makers hold. A stale one was made from what
   * they held before, and a maker that lost its files and was then cancelled holds nothing: both were compared above.
   */
  atTheEnd(rows: Row[]): void {
    const byKey = new Map(rows.map((row) => [takeKey(row.jobId, row.id, row.take), row]));
    for (const row of rows) {
      if (row.state !== "done" || row.stale) continue;
      this.#compare(row, (id, role) => {
        const maker = byKey.get(takeKey(row.jobId, id, row.uses[id]));
        const files = maker?.state === "done"
          ? maker.outputs
          : this.#made.get(takeKey(row.jobId, id, row.uses[id]))?.at(-1) ?? [];
        return files.filter((file) => file.role === role).map((file) => file.sha256);
      });
    }
  }

  #compare(row: Row, madeBy: (id: string, role: string) => string[]): void {
    const step = this.plans.get(row.jobId)?.get(row.rev)?.steps.find((step) => step.id === row.id);
    const name = takeKey(row.jobId, row.id, row.take);
    if (!step) return this.wrong("ChosenTakes", `${name} is of no plan`);
    const options = fileRefs(step.values).map((ref) =>
      ref.from === "asset" ? [ref.sha256] : madeBy(ref.step, ref.role)
    );
    for (const output of row.outputs) {
      const file = `${output.sha256}.${output.ext}`;
      const bytes = this.disk.files.get(file) ?? this.disk.lost.get(file);
      if (!bytes) this.wrong("Files", `${name} has no ${output.role}, and nobody took it away`);
      else if (
        !fits(step.kind === "local" ? localInputs(bytes) : readFakeContent(bytes)?.inputs ?? [], options)
      ) {
        this.wrong("ChosenTakes", `${name} was made from other files`);
      }
    }
  }
}

/** Whether each of the given files can stand for one place, each place taking one of its options. */
function fits(given: string[], options: string[][]): boolean {
  if (given.length !== options.length) return false;
  const [first, ...rest] = options;
  if (first === undefined) return true;
  return [...new Set(first)].some((sha256) => {
    const at = given.indexOf(sha256);
    return at >= 0 && fits(given.toSpliced(at, 1), rest);
  });
}

function localInputs(bytes: Uint8Array): string[] {
  const { inputs } = JSON.parse(new TextDecoder().decode(bytes)) as { inputs: string[] };
  return inputs.map((path) => path.replace(/^disk\//, "").replace(/\.[a-z0-9]+$/, ""));
}
