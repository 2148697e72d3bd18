/** Twenty long takes on a render server that drops sockets, runs out of memory, fails and restarts: how many end well, and what rendered twice. */
import { z } from "zod";
import { openRig, type Rig } from "@/tests/rig/rig.ts";
import { print } from "./report.ts";

const FRAMES = 17;
const TAKE = { chunk: 9 };
const SETTINGS = { width: 128, height: 128, preset: "fast", frames: FRAMES, retries: 3 };
const PASSES = 4;
const LOOK_MS = 250;
/** Of a hundred looks, so many bring each trouble; about one prompt in twenty fails. */
const TROUBLES = [["oom", 3], ["error", 3], ["sockets", 6], ["restart", 1]] as const;

const Body = z.looseObject({ step: z.string() });

/** `--takes N`, `--seed N`. */
export async function benchSoak(args: string[]): Promise<void> {
  const asked = (name: string, usual: number) => {
    const at = args.indexOf(`--${name}`);
    return at === -1 ? usual : Number(args[at + 1]);
  };
  const [count, seed] = [asked("takes", 20), asked("seed", 7)];
  await using rig = await openRig();
  const { person } = rig;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const settings = { ...SETTINGS, seed: String(n + 1) };
    ids.push((await person.create({ mode: "take", prompt: `A harbour, day ${n}`, settings, take: TAKE })).id);
  }
  const soaked = await soak(rig, { ids, seed });
  const resumable = await resumeAll(rig, soaked.failed);
  const prompts = new Set(rig.accepted).size;
  const again = prompts - count * PASSES;
  const caused = await countCauses(rig, ids);
  const more = { takes: count, seed, troubles: soaked.troubles };
  const done = count - soaked.failed.length;
  print({ bench: "takes.soak", value: done / count, unit: "share", ...more, target: "at least 0.95" });
  print({
    bench: "takes.soak.resumed",
    value: resumable,
    unit: `of ${soaked.failed.length} failed`,
    ...more,
  });
  print({
    bench: "takes.soak.twice",
    value: Math.max(0, again - caused),
    unit: "prompts without a cause",
    prompts,
    caused,
    // Under the same id, after a restart forgot what it had taken.
    sentAgain: rig.accepted.length - prompts,
    ...more,
    target: "0",
  });
  const [second = 0, last = 0] = [soaked.memory[1], soaked.memory.at(-1)];
  print({
    bench: "takes.soak.memory",
    value: (last - second) / 1e6,
    unit: "MB more than after the second take",
    ...more,
    target: "at most 128",
  });
}

/** Ends when every take has; the troubles follow from the seed, and when they come from the work. */
async function soak(rig: Rig, { ids, seed }: { ids: string[]; seed: number }) {
  const { person, draft } = rig;
  const troubles: Record<string, number> = {};
  const failed: string[] = [];
  const memory: number[] = [];
  const open = new Set(ids);
  let random = seed;
  const roll = () => (random = (random * 1103515245 + 12345) % 2147483648) / 21474836.48;
  while (open.size > 0) {
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
    let at = roll();
    for (const [trouble, share] of TROUBLES) {
      at -= share;
      if (at >= 0) continue;
      troubles[trouble] = (troubles[trouble] ?? 0) + 1;
      if (trouble === "sockets") await draft.obey({ do: "drop_sockets" });
      else if (trouble === "restart") await draft.obey({ do: "restart", downMs: 300 });
      else await draft.obey({ do: "next", fault: trouble, count: 1 });
      break;
    }
    for (const id of open) {
      const { status } = await person.job(id);
      if (status !== "completed" && status !== "failed") continue;
      open.delete(id);
      memory.push(Deno.memoryUsage().rss);
      if (status === "failed") failed.push(id);
    }
  }
  return { troubles, failed, memory };
}

/** Share of the failed takes that end well when somebody tries again. */
async function resumeAll({ person, draft }: Rig, failed: string[]): Promise<number> {
  await draft.obey({ do: "clear" });
  let done = 0;
  for (const id of failed) {
    await person.command(id, "retry");
    const ended = await person.waitFor(
      id,
      ({ run, status }) => run > 1 && ["completed", "failed"].includes(status),
    );
    if (ended.status === "completed") done++;
  }
  return failed.length === 0 ? 1 : done / failed.length;
}

/** Prompts that a failure, a restart of the server or its silence asked for once more. */
async function countCauses({ house }: Rig, ids: string[]): Promise<number> {
  const { events } = await house.store.inspect();
  const causes = ["step.retry", "step.failed", "step.lost", "step.moved", "step.again"];
  return events.filter(({ actorId, kind, body }) =>
    ids.includes(actorId) && causes.includes(kind) && /^(high|low)-/.test(Body.parse(body).step)
  ).length;
}
