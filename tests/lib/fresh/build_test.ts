/** The build: once per state of the sources, safe beside another one, and clear about what is wrong. */
import { openBuild } from "@/lib/fresh/builds.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@/tests/assert.ts";

const COUNT = `import { useState } from "preact/hooks";
import { word } from "../parts/word.ts";
export default function Count() {
  const [n, set] = useState(0);
  return <button onClick={() => set(n + 1)}>{word} {n}</button>;
}
`;

/** A folder inside the repository, so that packages are found from it as from an app. */
async function inFolder(run: (root: string) => Promise<void>): Promise<void> {
  await Deno.mkdir("_fresh", { recursive: true });
  const root = await Deno.makeTempDir({ dir: await Deno.realPath("_fresh"), prefix: "test-" });
  try {
    const files = {
      "islands/Count.tsx": COUNT,
      "parts/word.ts": 'export const word = "count";',
      "static/a.css": "b { color: red }",
      "static/b.txt": "text",
    };
    for (const [path, text] of Object.entries(files)) await write(root, path, text);
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function write(root: string, path: string, text: string): Promise<void> {
  await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
  await Deno.writeTextFile(`${root}/${path}`, text);
}

const writtenAt = async (root: string) => (await Deno.stat(`${root}/_fresh/manifest.json`)).mtime?.getTime();

Deno.test("a build is made once and made anew when an island, its imports, a static file or the list of either changes", async () => {
  await inFolder(async (root) => {
    const ids = [(await openBuild(root)).id];
    const first = await writtenAt(root);
    assertEquals((await openBuild(root)).id, ids[0]);
    assertEquals(await writtenAt(root), first);
    const changes: [path: string, text: string | null][] = [
      ["parts/word.ts", 'export const word = "other";'],
      ["islands/Count.tsx", COUNT.replace("n + 1", "n + 2")],
      ["static/a.css", "b { color: blue }"],
      ["static/c.txt", "new"],
      ["islands/Second.tsx", COUNT],
      ["routes/(_islands)/Third.tsx", COUNT.replace("../parts", "../../parts")],
      ["islands/Second.tsx", null],
    ];
    for (const [path, text] of changes) {
      if (text === null) await Deno.remove(`${root}/${path}`);
      else await write(root, path, text);
      ids.push((await openBuild(root)).id);
    }
    assertEquals(new Set(ids).size, ids.length);
  });
});

Deno.test("builds at the same time leave one whole result", async () => {
  await inFolder(async (root) => {
    const script = `import { openBuild } from "${new URL("../../../lib/fresh/builds.ts", import.meta.url)}";
      await Deno.stdout.write(new TextEncoder().encode((await openBuild(Deno.args[0])).id));`;
    const run = () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--ext=ts", "-", root],
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
    const children = [run(), run(), run()];
    const ids = await Promise.all(children.map(async (child) => {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(script));
      await writer.close();
      return new TextDecoder().decode((await child.output()).stdout);
    }));
    assertEquals(new Set(ids).size, 1);
    assertMatch(ids[0] ?? "", /^[0-9a-f]{20}$/);
    const left = await Array.fromAsync(Deno.readDir(`${root}/_fresh/js`));
    assertEquals(left.filter(({ name }) => name.endsWith(".part")), []);
    const names = left.map(({ name }) => name);
    for (const name of names.filter((name) => name.endsWith(".js"))) {
      assert(names.includes(`${name}.br`) && names.includes(`${name}.gz`), name);
    }
  });
});

Deno.test("a fault in an island is told with its file and line, and leaves the last build in place", async () => {
  await inFolder(async (root) => {
    const { id } = await openBuild(root);
    await write(root, "islands/Count.tsx", COUNT.replace("return", "retrun"));
    await assertRejects(() => openBuild(root), (thrown) => {
      assertMatch(String(thrown), /islands\/Count\.tsx:5:/);
    });
    await write(root, "islands/Count.tsx", COUNT);
    assertEquals((await openBuild(root)).id, id);
  });
});

Deno.test("an import that browsers could not resolve is refused with the name to add", async () => {
  await inFolder(async (root) => {
    await write(
      root,
      "islands/Count.tsx",
      'import { hydrate } from "preact";\nexport const go = () => hydrate(null, document);',
    );
    await assertRejects(() => openBuild(root), (thrown) => {
      assertMatch(String(thrown), /lib\/fresh\/client\.ts must export hydrate, which Count-\w+\.js imports/);
    });
  });
});

Deno.test("what islands share is one file that each of them preloads, and what they load later is none of them", async () => {
  await inFolder(async (root) => {
    const big = `export const word = ${JSON.stringify("word ".repeat(500))};`;
    await write(root, "parts/word.ts", big);
    await write(root, "parts/late.ts", 'export const late = "late";');
    await write(root, "islands/Second.tsx", `${COUNT}export const later = () => import("../parts/late.ts");`);
    const { islands } = (await openBuild(root)).manifest;
    assertEquals(islands.map(({ imports }) => imports.length), [1, 1]);
    assertEquals(islands[0]?.imports, islands[1]?.imports);
    assertMatch(islands[0]?.imports[0] ?? "", /^shared-\w+\.js$/);
    const files = (await Array.fromAsync(Deno.readDir(`${root}/_fresh/js`))).map(({ name }) => name);
    assertEquals(files.filter((name) => /^late-\w+\.js$/.test(name)).length, 1);
  });
});

Deno.test("what one island shares with a part that it loads later stands in its own script, and names follow every change", async () => {
  await inFolder(async (root) => {
    const lazy = COUNT.replace(
      "export default",
      'export const later = async () => (await import("../parts/late.ts")).late;\nexport default',
    );
    await write(root, "islands/Count.tsx", lazy);
    await write(
      root,
      "parts/late.ts",
      'import { word } from "./word.ts";\nexport const late = `late ${word}`;',
    );
    const names = async () => {
      const { islands } = (await openBuild(root)).manifest;
      assertEquals(islands.map(({ imports }) => imports), [[]]);
      const text = await Deno.readTextFile(`${root}/_fresh/js/${islands[0]?.script}`);
      const [, late = ""] = text.match(/import\("\/_fresh\/js\/(late-\w+\.js)"\)/) ?? [];
      // The later part takes from the island's script what the two share.
      const later = await Deno.readTextFile(`${root}/_fresh/js/${late}`);
      assert(later.includes(`from"/_fresh/js/${islands[0]?.script}"`), later);
      return [islands[0]?.script ?? "", late];
    };
    const all = await names();
    await write(root, "islands/Count.tsx", lazy.replace("n + 1", "n + 2"));
    all.push(...await names());
    await write(
      root,
      "parts/late.ts",
      'import { word } from "./word.ts";\nexport const late = `later ${word}`;',
    );
    all.push(...await names());
    assertEquals(new Set(all).size, 6);
  });
});

Deno.test("whatever islands share, in whatever order they come, each script finds what it imports", async () => {
  await inFolder(async (root) => {
    const using = (...parts: string[]) =>
      `${parts.map((part) => `import { word as ${part} } from "../parts/${part}.ts";`).join("\n")}
       export const later = () => import("../parts/late.ts");
       export default () => <p>{${parts.join("}{")}}</p>;`;
    const part = (text: string, size = 20) =>
      `export const word = ${JSON.stringify(`${text} `.repeat(size))};`;
    await write(root, "parts/one.ts", part("one", 2000));
    await write(
      root,
      "parts/two.ts",
      `import { word as one } from "./one.ts";\n${part("two")}\nglobalThis.seen = one;`,
    );
    // Two parts that come later share one that needs a part of the islands, which loads them: a circle of scripts.
    await write(
      root,
      "parts/three.ts",
      `${part("three", 2000)}\nglobalThis.more = () => [import("./late.ts"), import("./last.ts")];`,
    );
    await write(
      root,
      "parts/four.ts",
      `import { word as three } from "./three.ts";\n${part("four", 2000)}\nglobalThis.three = three;`,
    );
    await write(root, "parts/late.ts", 'import { word } from "./four.ts";\nexport const late = () => word;');
    await write(root, "parts/last.ts", 'import { word } from "./four.ts";\nexport const last = () => word;');
    const states: [path: string, text: string | null][] = [
      ["islands/Ann.tsx", using("one", "two")],
      ["islands/Bob.tsx", using("two", "three")],
      ["islands/Aaa.tsx", using("three")],
      ["islands/Cyd.tsx", using("one", "three")],
      ["islands/Bob.tsx", using("one")],
      ["islands/Aaa.tsx", null],
      ["parts/three.ts", part("other", 2000)],
    ];
    for (const [path, text] of states) {
      if (text === null) await Deno.remove(`${root}/${path}`);
      else await write(root, path, text);
      // A build that left a script without what it imports would throw.
      const { manifest } = await openBuild(root);
      const scripts = manifest.islands.flatMap(({ script, imports }) => [script, ...imports]);
      for (const name of scripts) await Deno.stat(`${root}/_fresh/js/${name}`);
    }
  });
});

Deno.test("files of former builds are kept for a month", async () => {
  await inFolder(async (root) => {
    await openBuild(root);
    const former = (await Array.fromAsync(Deno.readDir(`${root}/_fresh/js`))).map(({ name }) => name).filter((
      name,
    ) => name.startsWith("Count"));
    await write(root, "islands/Count.tsx", COUNT.replace("n + 1", "n + 2"));
    await openBuild(root);
    for (const name of former) await Deno.stat(`${root}/_fresh/js/${name}`);
    const long = new Date(Date.now() - 40 * 86_400_000);
    for (const name of former) await Deno.utime(`${root}/_fresh/js/${name}`, long, long);
    await write(root, "islands/Count.tsx", COUNT.replace("n + 1", "n + 3"));
    await openBuild(root);
    const now = (await Array.fromAsync(Deno.readDir(`${root}/_fresh/js`))).map(({ name }) => name);
    assertEquals(now.filter((name) => former.includes(name)), []);
    // Two builds of the island are left, each in three forms.
    assertEquals(now.filter((name) => name.startsWith("Count")).length, 6);
  });
});
