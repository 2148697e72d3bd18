/** The operators' queue page over ten thousand jobs that wait. */
import { z } from "zod";
import type { Person } from "@/tests/rig/person.ts";
import { at, print, sortUp } from "./report.ts";
import { openStage } from "./server.ts";

const JOBS = 10_000;
const BATCH = 16;
const PATH = "/admin/queue?name=waiting";
const REQUESTS = 100;
const AT_ONCE = 4;
/** Nothing comes to its end meanwhile. */
const STEP_MS = 3_600_000;
const ENV = { JOBS_QUEUED_MAX: "100000" };

export async function benchLine(): Promise<void> {
  const stage = await openStage(ENV, STEP_MS);
  try {
    await fill(stage.person);
    await untilWaiting(stage.person);
    const get = async () => {
      const begun = performance.now();
      const answer = await fetch(`${stage.studio.url}${PATH}`, { headers: { cookie: stage.person.cookie } });
      const text = await answer.text();
      if (answer.status !== 200 || !text.includes("Harbour")) {
        throw new Error(`${PATH} answered ${answer.status}`);
      }
      return performance.now() - begun;
    };
    for (let warm = 0; warm < 10; warm++) await get();
    const waits: number[] = [];
    for (let n = 0; n < REQUESTS; n++) waits.push(await get());
    const sorted = sortUp(waits);
    print({
      bench: "line page",
      value: at(sorted, 0.95),
      unit: "ms, p95",
      target: "at most 60",
      path: PATH,
      jobs: JOBS,
      p50: Number(at(sorted, 0.5).toFixed(1)),
    });
  } finally {
    await stage.kill();
    await stage.end();
  }
}

const Line = z.looseObject({ total: z.int() });

/** Each job is checked before it waits. */
async function untilWaiting(person: Person): Promise<void> {
  for (;;) {
    const { total } = await person.json(Line, "GET", "/admin/line?name=waiting&limit=1");
    if (total >= JOBS - 10) return;
    await new Promise((wake) => setTimeout(wake, 1000));
  }
}

async function fill(person: Person): Promise<void> {
  let left = Math.ceil(JOBS / BATCH);
  const body = { mode: "ltx", submode: "t2v", prompt: "Harbour", count: BATCH, settings: { seconds: 1 } };
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await person.create(body);
  }));
}
