/**
 * How busy four servers are kept, and how much of that is loading: the whole engine against four draft renderers that take
 * two seconds to load other models, with 500 films of seven families and five people. `--scale 4` makes all of it as much
 * faster: prompts of a quarter second, loads of half a second.
 */
import { parseArgs } from "node:util";
import { openComfy } from "@/adapters/comfy/client.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { learnLoads } from "@/core/loads.ts";
import { readRuns } from "@/db/queries/mod.ts";
import { keepFresh } from "@/studio/door/ahead.ts";
import { openDraft, silent } from "@/tests/rig/rig.ts";
import { filmJob, runJobs, startEngineBench } from "./engine.ts";
import { bindPicture, History, timeOf } from "./gap_bench.ts";
import { print } from "./report.ts";

const JOBS = 500;
const SERVERS = 4;
const FAMILIES = 7;
const PEOPLE = 5;
const LOAD_MS = 2000;
/** Four sampler steps make a prompt of a second. */
const STEP_MS = 250;
const LEARN_MS = 5000;

export async function benchPool(args: string[] = []): Promise<void> {
  const { values } = parseArgs({ args, options: { scale: { type: "string", default: "1" } } });
  const scale = Number(values.scale);
  const dir = await Deno.makeTempDir();
  const grants: { at: number; switched: boolean }[] = [];
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, (_, n) => openServer(`${dir}/draft-${n}`, scale)),
  );
  const loads = { ask: (): Promise<Map<string, number>> => Promise.resolve(new Map()) };
  const bench = await startEngineBench({
    pool: { servers, bind: bindPicture },
    loads: () => loads.ask(),
    watch: {
      turned() {},
      granted: ({ switched }) => void grants.push({ at: Date.now(), switched }),
      ended() {},
    },
  });
  loads.ask = keepFresh(systemClock(), async () => learnLoads(await readRuns(bench.db.reader)), LEARN_MS);
  const jobs = Array.from(
    { length: JOBS },
    (_, n) => filmJob(bench.newId(), `person-${n % PEOPLE}`, `family-${(n * 5) % FAMILIES}`),
  );
  await runJobs(bench, jobs);
  await bench.end();
  await tell({ servers, grants, scale });
  for (const { comfy, draft } of servers) {
    await comfy.close();
    await draft.close();
  }
  await Deno.remove(dir, { recursive: true });
}

async function openServer(dir: string, scale: number) {
  let count = 0;
  const draft = await openDraft(dir, {
    stepMs: STEP_MS / scale,
    loadMs: LOAD_MS / scale,
    loaded: () => void count++,
  });
  const comfy = openComfy({
    id: dir,
    url: draft.url,
    epoch: 1,
    authHeader: null,
    clock: systemClock(),
    ids: systemIds(),
    random: Math.random,
    log: silent,
  });
  return { url: draft.url, draft, comfy, loads: () => count };
}

interface Ran {
  servers: Awaited<ReturnType<typeof openServer>>[];
  grants: { at: number; switched: boolean }[];
  scale: number;
}

/** Something waits from the first grant to the last. */
async function tell({ servers, grants, scale }: Ran): Promise<void> {
  const [from, to] = [grants[0]?.at ?? NaN, grants.at(-1)?.at ?? NaN];
  let [busyMs, allMs, loads] = [0, 0, 0];
  for (const { url, loads: count } of servers) {
    const history = History.parse(await (await fetch(`${url}/history?max_items=1000`)).json());
    for (const run of Object.values(history)) {
      const [start, end] = [timeOf(run, "execution_start"), timeOf(run, "execution_success")];
      allMs += end - start;
      busyMs += Math.max(0, Math.min(end, to) - Math.max(start, from));
    }
    loads += count();
  }
  const common = { servers: SERVERS, jobs: JOBS, families: FAMILIES, loadMs: LOAD_MS / scale, scale };
  print({
    bench: "pool.busy",
    value: busyMs / (servers.length * (to - from)),
    unit: "share while anything waits",
    target: ">= 0.97",
    seconds: Math.round((to - from) / 1000),
    ...common,
  });
  print({
    bench: "pool.loading",
    value: loads * LOAD_MS / scale / allMs,
    unit: "share of busy time",
    target: "<= 0.2",
    loads,
    ...common,
  });
}
