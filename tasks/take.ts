/** `deno task take`: makes long takes of prompt files on the command line, in a studio of their own. */
import { loadEnvFile } from "@/adapters/system/env_file.ts";
import { type Config, readConfig } from "@/core/config.ts";
import { pathNames } from "@/core/prompt_file.ts";
import { findPromptFiles, type FoundFile } from "./take/files.ts";
import { tableText } from "./take/lines.ts";
import { readOptions, type TakeOptions, USAGE } from "./take/options.ts";
import { type Desk, openDesk, planFile, tableOf, writeGraphs } from "./take/plans.ts";
import { DiskFull, runTakes, summaryRows } from "./take/run.ts";

/** Ends of this command, for scripts. */
const DONE = 0;
const FAILED = 1;
const WRONG = 2;
const FULL = 3;

/** Free gigabytes without which takes do not begin, unless DISK_MIN_GB says otherwise. */
const DISK_MIN_GB = "20";
/** Frames of the longest take, where nothing else bounds it: half an hour at 16 a second. */
const RATE = 16;

type Say = (text: string) => void;

export async function takeCommand(args: string[], env: Record<string, string>, say: Say): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    say(`${options}\n\n${USAGE}`);
    return WRONG;
  }
  const config = configOf(options, env);
  if (typeof config === "string") {
    say(`${config}\n`);
    return WRONG;
  }
  const found = await findPromptFiles(options.paths, { framesMax: config.FILM_SECONDS_MAX * RATE });
  const desk = await openDesk();
  const good = await judgeAll(found, { options, desk, say, secondsMax: config.FILM_SECONDS_MAX });
  const wrong = found.length - good.length;
  if (options.validate || options.dryRun) return wrong === 0 ? DONE : WRONG;
  if (good.length === 0 && options.resume === undefined) return WRONG;
  return await run(good, { options, config, wrong, say });
}

function configOf({ out, comfy }: TakeOptions, env: Record<string, string>): Config | string {
  const config = readConfig({
    LOG_LEVEL: "error",
    DISK_MIN_GB,
    ...env,
    DATA_DIR: `${out}/.studio`,
    COMFY_URLS: comfy.join(","),
  });
  return config.ok ? config.value : config.problem.map(({ message }) => message).join("\n");
}

/** One report per file; those that can be made. Each plan is shown where that is all that is asked for. */
async function judgeAll(
  found: FoundFile[],
  of: { options: TakeOptions; desk: Desk; secondsMax: number; say: Say },
): Promise<FoundFile[]> {
  const { options, desk, say } = of;
  const names = pathNames(found.map(({ file }) => file?.name ?? "take"));
  const good: FoundFile[] = [];
  for (const [at, one] of found.entries()) {
    const planned = await planFile(one, of);
    if (Array.isArray(planned)) {
      const places = one.faults.map(({ block, line, text }) => `block ${block}, line ${line}: ${text}`);
      say(
        `${one.path}: refused\n${
          (one.file === null ? places : planned).map((text) => `  ${text}\n`).join("")
        }`,
      );
      continue;
    }
    good.push(one);
    const { plan, size } = planned;
    const passes = plan.steps.filter(({ kind }) => kind === "prompt").length;
    const frames = plan.film?.frames ?? 0;
    say(
      `${one.path}: ${frames} frames, ${
        passes / 2
      } pieces, ${passes} passes, ${size.width} × ${size.height}\n`,
    );
    if (options.validate || options.dryRun) say(`${tableOf(plan)}\n\n`);
    if (!options.dryRun) continue;
    const dir = `${options.out}/${names[at]}/plan`;
    say(`${await writeGraphs(planned, desk, dir)} graphs in ${dir}\n\n`);
  }
  return good;
}

async function run(
  good: FoundFile[],
  { options, config, wrong, say }: { options: TakeOptions; config: Config; wrong: number; say: Say },
): Promise<number> {
  const told = new AbortController();
  const stop = () => told.abort();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  try {
    const ended = await runTakes(good, config, { options, say, signal: told.signal });
    say(`\n${tableText(["take", "end", "parts", "time", "drift", "film"], summaryRows(ended))}\n`);
    if (ended.some(({ status }) => status !== "completed")) return FAILED;
    return wrong === 0 ? DONE : WRONG;
  } catch (thrown) {
    say(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return thrown instanceof DiskFull ? FULL : WRONG;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
  }
}

if (import.meta.main) {
  loadEnvFile();
  const say: Say = (text) => void Deno.stdout.writeSync(new TextEncoder().encode(text));
  Deno.exit(await takeCommand(Deno.args, Deno.env.toObject(), say));
}
