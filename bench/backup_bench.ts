/** A backup of a studio with 10,000 jobs and a file for each, while jobs run in it. */
import { sha256 } from "@/adapters/system/hash.ts";
import { generateJobs } from "@/db/generate.ts";
import { filmJob, runJobs, startEngineBench } from "./engine.ts";
import { print } from "./report.ts";

const JOBS = 10_000;
const FILE_BYTES = 64 * 1024;
const JOBS_PER_ROUND = 20;

export async function benchBackup(): Promise<void> {
  const bench = await startEngineBench({
    prepare: (db, newId) =>
      generateJobs(db.writer, {
        jobs: JOBS,
        owners: ["owner-1"],
        newestAt: Date.now(),
        newId,
        stepsPerJob: 5,
      }),
  });
  try {
    await fill(`${bench.dir}/files`);
    let backed = false;
    let films = 0;
    const work = async () => {
      while (!backed) {
        const jobs = Array.from({ length: JOBS_PER_ROUND }, () => filmJob(bench.newId(), "owner-1"));
        await runJobs(bench, jobs);
        films += JOBS_PER_ROUND;
      }
    };
    const working = work();
    const seconds = await timeTask(bench.dir);
    backed = true;
    await working;
    print({ bench: "backup.10k", value: seconds, unit: "s", target: "<= 10", films_made_meanwhile: films });
  } finally {
    await bench.end();
  }
}

/** Files of their own content, as storage lays them out. */
async function fill(root: string): Promise<void> {
  const bytes = new Uint8Array(FILE_BYTES);
  for (let n = 0; n < JOBS; n++) {
    new DataView(bytes.buffer).setUint32(0, n);
    const name = sha256(bytes);
    const dir = `${root}/${name.slice(0, 2)}/${name.slice(2, 4)}`;
    await Deno.mkdir(dir, { recursive: true });
    await Deno.writeFile(`${dir}/${name}.png`, bytes);
  }
}

/** The command as an operator runs it, from its start to its end. */
async function timeTask(dir: string): Promise<number> {
  const from = performance.now();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tasks/backup.ts", `${dir}/backup`],
    env: { DATA_DIR: dir },
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stdout));
  return (performance.now() - from) / 1000;
}
