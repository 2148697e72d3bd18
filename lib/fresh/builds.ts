/** Gives an app its browser side: the one on disk while nothing has changed, else a new one. */
import { relative } from "node:path";
import { type Built, readBuilt } from "./built.ts";
import { readFresh } from "./manifest.ts";

const LAYER = import.meta.dirname ?? ".";

/** One after the other: the builder is one process that all builds of this process share. */
let before: Promise<unknown> = Promise.resolve();

export function openBuild(root: string): Promise<Built> {
  const built = before.then(() => open(root));
  before = built.catch(() => {});
  return built;
}

async function open(root: string): Promise<Built> {
  const folder = `${root}/_fresh`;
  // Another version of a package is another build.
  const extra = [relative(root, `${LAYER}/../../deno.lock`)];
  const known = await readFresh(root, folder, extra);
  if (known !== null) return await readBuilt(root, folder, known);
  const { build } = await import("./build.ts");
  return await readBuilt(root, folder, await build({ root, folder, extra }));
}
