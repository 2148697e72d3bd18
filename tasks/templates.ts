/** `deno task templates`: bring a graph of one's own, check the shelf, compare versions, split a master export, prove. */
import { checkShelf } from "./templates/check.ts";
import { bringFile } from "./templates/bring.ts";
import { compare } from "./templates/compare.ts";
import { listShelf } from "./templates/list.ts";
import { prove } from "./templates/prove.ts";
import { split } from "./templates/split.ts";
import { type Command, Misused, say } from "./templates/desk.ts";

const COMMANDS: Record<string, Command> = {
  list: listShelf,
  import: bringFile,
  check: checkShelf,
  diff: compare,
  split,
  prove,
};

const USAGE = `deno task templates list
deno task templates import FILE [--name family/name] [--mode MODE] [--submode NAME] [--title TITLE]
                           [--bind role=node.input …] [--bind role=none] [--comfy URL] [--fresh] [--dry-run]
deno task templates check [--comfy URL]
deno task templates diff A [B]            a name, name@version, a folder, or a file in API format
deno task templates split FILE [--family ltx] [--map mode=node …] [--dry-run]
deno task templates prove --comfy URL [--only family/name …] [--repository]

Exit codes: 0 done, 1 something is wrong (nothing was written), 2 misused, 3 ran on a draft renderer, which proves nothing.
`;

/** Runs one command and returns its exit code. */
export async function run([name = "", ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    await say(USAGE);
    return 2;
  }
  try {
    return await command(args);
  } catch (thrown) {
    if (!(thrown instanceof Misused)) throw thrown;
    await say(`${thrown.message}\n\n${USAGE}`);
    return 2;
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
