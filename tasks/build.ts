/** `deno task build`: builds the browser side ahead, for folders that cannot be written to later. */
import { openBuild } from "@/lib/fresh/builds.ts";

if (import.meta.main) {
  const { id, islands } = await openBuild(Deno.cwd());
  const line = `Build ${id}: ${islands.size} ${islands.size === 1 ? "island" : "islands"}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}
