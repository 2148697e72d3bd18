/** Prints one JSON line per figure: `deno task bench`, or `deno task bench NAME …` for one of them with its options. */
import { benchBackup } from "./backup_bench.ts";
import { benchEstimates } from "./estimates_bench.ts";
import { benchFace } from "./face_bench.ts";
import { benchGap } from "./gap_bench.ts";
import { benchJobs } from "./jobs_bench.ts";
import { benchLine } from "./line_bench.ts";
import { benchMedia } from "./media_bench.ts";
import { benchPool } from "./pool_bench.ts";
import { benchPreview } from "./preview_bench.ts";
import { benchRecovery } from "./recovery_bench.ts";
import { benchWake } from "./runtime_bench.ts";
import { benchScheduler } from "./scheduler_bench.ts";
import { benchSoak } from "./soak_bench.ts";
import { benchStreams } from "./streams_bench.ts";
import { benchTakes } from "./takes_bench.ts";
import { benchTurns } from "./turns_bench.ts";
import { benchUpload } from "./upload_bench.ts";

const BENCHES = {
  wake: benchWake,
  turns: benchTurns,
  jobs: benchJobs,
  gap: benchGap,
  media: benchMedia,
  preview: benchPreview,
  upload: benchUpload,
  recovery: benchRecovery,
  face: benchFace,
  estimates: benchEstimates,
  takes: benchTakes,
  soak: benchSoak,
  backup: benchBackup,
  streams: benchStreams,
  line: benchLine,
  scheduler: benchScheduler,
  pool: benchPool,
};

/** Takes minutes or a browser, so it runs when asked for by name. */
const LONG = ["recovery", "face", "takes", "soak", "line", "pool"];

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  const chosen = Object.entries(BENCHES).filter(([known]) =>
    name === undefined ? !LONG.includes(known) : known === name
  );
  if (chosen.length === 0) {
    const names = Object.keys(BENCHES).join(", ");
    Deno.stderr.writeSync(new TextEncoder().encode(`There is no bench "${name}". There are: ${names}\n`));
    Deno.exit(1);
  }
  for (const [, run] of chosen) await run(args);
}
