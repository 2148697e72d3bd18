/** The browser side as the server sees it: which functions are islands, and where their scripts and the assets lie. */
import type { ComponentType } from "preact";
import { toFileUrl } from "./file_url.ts";
import type { Manifest } from "./manifest.ts";
import { BUILD_PATH } from "./payload.ts";

export interface BuiltIsland {
  name: string;
  url: string;
  exported: string;
  /** Scripts that it imports, so that they can be asked for at once. */
  imports: string[];
}

export interface Built {
  /** Changes with every change of a script or a static file. */
  id: string;
  boot: string;
  reload: string;
  islands: Map<unknown, BuiltIsland>;
  /** Folder of the built files. */
  folder: string;
  manifest: Manifest;
}

/** Imports every island, so that the functions in pages can be told from other components. */
export async function readBuilt(root: string, folder: string, manifest: Manifest): Promise<Built> {
  const islands = new Map<unknown, BuiltIsland>();
  await Promise.all(manifest.islands.map(async ({ path, name, script, imports }) => {
    const module: Record<string, unknown> = await import(toFileUrl(`${root}/${path}`));
    for (const [exported, value] of Object.entries(module)) {
      if (!isComponent(value)) continue;
      const full = exported === "default" ? name : `${name}_${exported.replace(/\W/g, "")}`;
      islands.set(value, {
        name: full,
        url: `${BUILD_PATH}${script}`,
        exported,
        imports: imports.map((file) => `${BUILD_PATH}${file}`),
      });
    }
  }));
  const { id, boot, reload } = manifest;
  return { id, boot: BUILD_PATH + boot, reload: BUILD_PATH + reload, islands, folder, manifest };
}

function isComponent(value: unknown): value is ComponentType {
  return typeof value === "function";
}
