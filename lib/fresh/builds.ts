/** Gives an app its browser side: the one on disk while nothing has changed, else a new one. */
import { relative } from "node:path";
import { type Built, readBuilt } from "./built.ts";
import { readFresh } from "./manifest.ts";

const LAYER = import.meta.dirname ?? ".";

/** One after the other: what the first one built, the next one finds. */
let before: Promise<unknown> = Promise.resolve();

export function openBuild(root: string): Promise<Built> {
  const built = before.then(() => open(root));
  before = built.catch(() => {});
  return built;
}

async function open(root: string): Promise<Built> {
  const folder = `${root}/_fresh`;
  // Another version of a package or of the builder is another build.
  const extra = ["../../deno.lock", "build.ts", "links.ts", "pack.ts"].map((path) =>
    relative(root, `${LAYER}/${path}`)
  );
  const known = await readFresh(root, folder, extra);
  if (known !== null) return await readBuilt(root, folder, known);
  await buildApart([root, folder, ...extra]);
  return await readBuilt(root, folder, JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`)));
}

/** In a process of its own: the builder's memory, and the process that it starts, end with it. */
async function buildApart(args: string[]): Promise<void> {
  const permissions = ["env", "read", "write", "run", "sys"].map((name) => `--allow-${name}`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...permissions, `${LAYER}/build.ts`, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`The browser side cannot be built. ${new TextDecoder().decode(stderr).trim()}`);
  }
}
