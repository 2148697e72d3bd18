/** Prints one JSON line per figure: `deno task bench`, or `deno task bench NAME …` for some of them. */
import { benchJobs } from "./jobs_bench.ts";
import { benchTurns } from "./turns_bench.ts";

const BENCHES: Record<string, (args: string[]) => Promise<void>> = {
  jobs: benchJobs,
  turns: benchTurns,
};
const [name = ""] = Deno.args;
await BENCHES[name]?.(Deno.args.slice(1));
