/** Finds the files of `routes/` and says which URL pattern each one answers. */
import { toFileUrl } from "./file_url.ts";

export interface RouteFile {
  /** Path inside `routes/` without its ending, for instance `jobs/[id]`. */
  path: string;
  load: () => Promise<unknown>;
}

/** Every route file of a folder, in no particular order. Loading imports it: this is the way without a build. */
export async function scanRoutes(root: string): Promise<RouteFile[]> {
  const files: RouteFile[] = [];
  async function walk(folder: string): Promise<void> {
    const entries = await Array.fromAsync(Deno.readDir(`${root}/routes${folder}`));
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) {
        if (!entry.name.startsWith("(_")) await walk(path);
      } else if (/\.tsx?$/.test(entry.name) && !/[._]test\.tsx?$/.test(entry.name)) {
        const href = toFileUrl(`${root}/routes${path}`);
        files.push({ path: path.slice(1).replace(/\.tsx?$/, ""), load: () => import(href) });
      }
    }
  }
  await walk("");
  return files;
}

/** `jobs/[id]` → `/jobs/:id`, `docs/[...path]` → `/docs/:path*`, `a/[[b]]/index` → `/a/:b?`; groups leave no trace. */
export function patternOf(path: string): string {
  const parts = path.split("/").filter((part) => !/^\(.*\)$/.test(part)).map((part) => {
    const rest = part.match(/^\[\.\.\.(\w+)\]$/);
    if (rest) return `:${rest[1]}*`;
    const optional = part.match(/^\[\[(\w+)\]\]$/);
    if (optional) return `:${optional[1]}?`;
    return part.replace(/\[(\w+)\]/g, ":$1");
  });
  if (parts.at(-1) === "index") parts.pop();
  return `/${parts.join("/")}`;
}

/** Static before dynamic before optional before catch-all, part by part from the left. */
export function compareByRank(a: string, b: string): number {
  const left = a.split("/").slice(1);
  const right = b.split("/").slice(1);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = rank(left[i]) - rank(right[i]);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(part: string | undefined): number {
  if (part === undefined) return 0;
  if (part.endsWith("*")) return 4;
  if (part.endsWith("?")) return 3;
  return part.includes(":") ? 2 : 1;
}
