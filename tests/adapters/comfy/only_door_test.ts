/** One folder speaks to ComfyUI, and nothing else does. */
import { assert, assertEquals } from "@/tests/assert.ts";

/** Routes that only a ComfyUI has. */
const ROUTES = /upload\/image|object_info\/|system_stats|history\/\$\{|["'`/]interrupt["'`]|clientId=/;
const ROOTS = ["routes", "islands", "components", "api", "actors", "db", "core", "adapters", "lib"];

async function* sources(folder: string): AsyncGenerator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch {
    return;
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

Deno.test("routes of ComfyUI are named in adapters/comfy and nowhere else in the studio [AX23]", async () => {
  const speakers: string[] = [];
  for (const root of ROOTS) {
    for await (const path of sources(root)) {
      if (ROUTES.test(await Deno.readTextFile(path))) speakers.push(path);
    }
  }
  assert(speakers.includes("adapters/comfy/parts.ts"), "the test sees the client itself");
  assertEquals(speakers.filter((path) => !path.startsWith("adapters/comfy/")), []);
});
