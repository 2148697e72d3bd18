/** A plan as rows hold it: neighbouring steps are named by their ends, so that its size grows with its steps alone. */
import type { StepId } from "./ids.ts";
import type { FileRef, Plan, Step, Value } from "./plan.ts";

/** Steps that follow one another in the plan, both ends included. */
interface Run {
  first: StepId;
  last: StepId;
}

/** One file of each step of a run. */
interface RunRef extends Run {
  from: "steps";
  role: string;
  ord?: number;
}

type StoredValue = Exclude<Value, { files: FileRef[] }> | { files: (FileRef | RunRef)[] };
type StoredStep = Omit<Step, "needs" | "values"> & {
  needs: (StepId | Run)[];
  values: Record<string, StoredValue>;
};
/** Rows of the first format have no runs: there each reference is written out. */
export type StoredPlan = Omit<Plan, "v" | "steps"> & { v: 1 | 2; steps: StoredStep[] };

/** Shorter runs would not be shorter text. */
const RUN_MIN = 3;

export function storePlan(plan: Plan): StoredPlan {
  const places = new Map(plan.steps.map((step, at) => [step.id, at]));
  const steps = plan.steps.map((step): StoredStep => ({
    ...step,
    needs: shorten(step.needs, {
      placeOf: (need) => places.get(need),
      isLike: () => true,
      join: (first, last): Run => ({ first, last }),
    }),
    values: mapFiles(step.values, (files) =>
      shorten(files, {
        placeOf: (ref) => ref.from === "step" ? places.get(ref.step) : undefined,
        isLike: (a, b) => a.from === "step" && b.from === "step" && a.role === b.role && a.ord === b.ord,
        join: joinRefs,
      })),
  }));
  return { ...plan, v: 2, steps };
}

/** Equal references of a read plan are one object: a long performance has many times more of them than steps. */
export function readStoredPlan(stored: StoredPlan): Plan {
  const ids = stored.steps.map((step) => step.id);
  const places = new Map(ids.map((id, at) => [id, at]));
  const between = <Item>(all: Item[], { first, last }: Run) =>
    all.slice(places.get(first), (places.get(last) ?? -1) + 1);
  const known = new Map<string, FileRef[]>();
  /** The files of one kind of all steps, in the order of the plan. */
  const refsOf = ({ role, ord }: RunRef): FileRef[] => {
    const key = `${ord ?? ""} ${role}`;
    const refs = known.get(key) ??
      ids.map((step) => ({ from: "step" as const, step, role, ...(ord === undefined ? {} : { ord }) }));
    known.set(key, refs);
    return refs;
  };
  const steps = stored.steps.map((step) => ({
    ...step,
    needs: step.needs.flatMap((need) => typeof need === "string" ? [need] : between(ids, need)),
    values: mapFiles(
      step.values,
      (files) => files.flatMap((ref) => ref.from === "steps" ? between(refsOf(ref), ref) : [ref]),
    ),
  }));
  // What a step is besides its references was stored as it was.
  return { ...stored, v: 1, steps: steps as Step[] };
}

function mapFiles<From, To>(
  values: Record<string, Exclude<Value, { files: FileRef[] }> | { files: From[] }>,
  change: (files: From[]) => To[],
): Record<string, Exclude<Value, { files: FileRef[] }> | { files: To[] }> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) =>
      typeof value === "object" && "files" in value ? [name, { files: change(value.files) }] : [name, value]
    ),
  );
}

/** Joins each run of items that are alike and whose steps follow one another in the plan. */
function shorten<Item, Joined>(
  items: Item[],
  how: {
    placeOf: (item: Item) => number | undefined;
    isLike: (one: Item, other: Item) => boolean;
    join: (first: Item, last: Item) => Joined;
  },
): (Item | Joined)[] {
  const short: (Item | Joined)[] = [];
  for (let from = 0; from < items.length;) {
    let to = from;
    while (to + 1 < items.length && follows(items[to], items[to + 1])) to++;
    const [first, last] = [items[from], items[to]];
    const isRun = to - from + 1 >= RUN_MIN && first !== undefined && last !== undefined;
    if (isRun) short.push(how.join(first, last));
    else short.push(...items.slice(from, to + 1));
    from = to + 1;
  }
  return short;

  function follows(one: Item | undefined, next: Item | undefined): boolean {
    if (one === undefined || next === undefined || !how.isLike(one, next)) return false;
    const [a, b] = [how.placeOf(one), how.placeOf(next)];
    return a !== undefined && b === a + 1;
  }
}

function joinRefs(first: FileRef, last: FileRef): FileRef | RunRef {
  if (first.from !== "step" || last.from !== "step") return first;
  const { role, ord } = first;
  return { from: "steps", first: first.step, last: last.step, role, ...(ord === undefined ? {} : { ord }) };
}
