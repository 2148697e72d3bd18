/** Runs the pure tests and says how many lines of the core logic they reach, area by area; fails where an area falls short. */

export const AREAS = {
  "prompt files": /\/core\/(prompt_file|take_sheet)\.ts$/,
  "planners": /\/core\/planners\/\w+\.ts$/,
  "graphs and their edits": /\/core\/workflow\/[\w/]+\.ts$/,
  "rules of a job": /\/actors\/job\/\w+\.ts$/,
};
type Area = keyof typeof AREAS;

/** Share of lines that each area must have reached. */
export const LEAST = 0.8;

/** Share of lines reached, by area, from a report in the lcov format. An area without files counts as not reached. */
export function sharesOf(lcov: string): Record<Area, number> {
  const sums = new Map<string, { hit: number; found: number }>();
  for (const record of lcov.split("end_of_record")) {
    const path = /^SF:(.+)$/m.exec(record)?.[1] ?? "";
    for (const [area, paths] of Object.entries(AREAS)) {
      if (!paths.test(path) || path.includes("/tests/")) continue;
      const sum = sums.get(area) ?? { hit: 0, found: 0 };
      const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
      sums.set(area, { hit: sum.hit + count("LH"), found: sum.found + count("LF") });
    }
  }
  const shares = Object.keys(AREAS).map((area) => {
    const { hit, found } = sums.get(area) ?? { hit: 0, found: 1 };
    return [area, hit / found];
  });
  return Object.fromEntries(shares);
}

async function run(args: string[]): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const [out, wrong] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { success, text: success ? out ?? "" : `${out}${wrong}` };
}

async function measure(): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    const core = ["planners", "workflow", "prompt_file_test.ts", "take_sheet_test.ts"];
    const tests = [...core.map((name) => `tests/core/${name}`), "tests/actors/job"];
    const ran = await run(["test", "-A", "--no-check", "--quiet", `--coverage=${dir}`, ...tests]);
    if (!ran.success) throw new Error(ran.text.slice(-2000));
    const told = await run(["coverage", "--lcov", dir]);
    if (!told.success) throw new Error(told.text);
    return told.text;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (import.meta.main) {
  const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  const shares = Object.entries(sharesOf(await measure()));
  for (const [area, share] of shares) say(`${area}: ${(100 * share).toFixed(1)} % of lines`);
  if (shares.some(([, share]) => share < LEAST)) {
    say(`Each must be at least ${100 * LEAST} %.`);
    Deno.exit(1);
  }
}
