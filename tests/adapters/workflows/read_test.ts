/** Template folders on disk: each is judged by itself, and nothing wrong stays unsaid. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { readWorkflows } from "@/adapters/workflows/mod.ts";
import { readShelf, root } from "@/tests/workflows/shelf.ts";

async function withFolder(files: Record<string, string>, run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${dir}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${dir}/${path}`, text);
    }
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a folder dropped in is a template; broken neighbours are named and keep nobody away", async () => {
  const { definitions } = await readShelf();
  const manifest = await Deno.readTextFile(`${root}workflows/animate/move/manifest.json`);
  const graph = await Deno.readTextFile(`${root}workflows/animate/move/graph.json`);
  await withFolder({
    "animate/move/manifest.json": manifest,
    "animate/move/graph.json": graph,
    "mine/copied/manifest.json": manifest,
    "mine/copied/graph.json": graph,
    "mine/half/graph.json": graph,
    "mine/cut/manifest.json": manifest.slice(0, 100),
    "mine/cut/graph.json": graph,
    "mine/editor/manifest.json": manifest,
    "mine/editor/graph.json": '{"nodes": [], "links": []}',
    "shared/notes/README.md": "No template.",
  }, async (dir) => {
    const { templates, faults } = await readWorkflows(dir, definitions);
    assertEquals(templates.map((template) => template.manifest.id), ["animate/move"]);
    const texts = faults.map((fault) => fault.operator ?? "");
    assertEquals(texts.length, 4);
    assertEquals(texts[0], 'Cannot load template "mine/copied": its manifest says that it is "animate/move"');
    assert(texts[1]?.startsWith('Cannot load template "mine/cut": manifest.json is not valid JSON'));
    assertEquals(faults[2]?.code, "template.editor_format");
    assertEquals(texts[3], 'Cannot load template "mine/half": manifest.json is missing');
  });
});
