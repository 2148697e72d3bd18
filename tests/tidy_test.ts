/** House rules as an ordinary test: sizes, words, papers and files that must stay true. */
import { readConfig, VARIABLES } from "@/core/config.ts";
import { PROBLEMS } from "@/core/problem.ts";
import { envExample } from "@/tasks/env_example.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

interface Source {
  path: string;
  text: string;
}

/** Files that git tracks or would track; without git, the tree below this folder. */
async function tracked(): Promise<string[]> {
  const git = new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard"],
    stdout: "piped",
    stderr: "null",
  });
  try {
    const { success, stdout } = await git.output();
    if (success) return new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "");
  } catch { /* No git on this machine: walk. */ }
  return await Array.fromAsync(walk("."));
}

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (["node_modules", "_fresh", "data", "coverage", ".git"].includes(entry.name)) continue;
    if (entry.isDirectory) yield* walk(path);
    else yield path;
  }
}

async function sources(): Promise<Source[]> {
  const paths = (await tracked()).filter((path) => /\.tsx?$/.test(path));
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path).catch(() => null)));
  return paths.flatMap((path, at) => {
    const text = texts[at];
    return typeof text === "string" ? [{ path, text }] : [];
  });
}

const isTest = (path: string) => path.startsWith("tests/") || path.startsWith("bench/");

const readText = (path: string) => Deno.readTextFile(path);

function offenders(list: Source[], wrong: (source: Source) => boolean): string[] {
  return list.filter(wrong).map((source) => source.path);
}

Deno.test("every source file opens with one sentence that says what it is for", async () => {
  assertEquals(
    offenders(
      await sources(),
      ({ text }) =>
        !/^(\/\/\/ <reference .*\n)?(\/\*\* ?|\/\*\*\n \* )[A-Z`(][^]*?[.:;]/.test(text.slice(0, 400)),
    ),
    [],
  );
});

Deno.test("no source file outside the tests has more than 400 lines", async () => {
  const list = (await sources()).filter(({ path }) => !isTest(path) && !path.startsWith("core/config"));
  assertEquals(offenders(list, ({ text }) => text.split("\n").length > 401), []);
});

Deno.test("no file is named after nothing: utils, helpers, manager, service, common", async () => {
  const wrong = /(^|[/_-])(utils?|helpers?|managers?|services?|common|misc)([/_.-]|$)/i;
  assertEquals((await tracked()).filter((path) => wrong.test(path)), []);
});

Deno.test("source files are snake_case, components and islands PascalCase", async () => {
  const wrong = (await sources()).map(({ path }) => path).filter((path) => {
    const name = path.split("/").at(-1) ?? "";
    if (/(^|\/)routes\//.test(path)) return false;
    if (/(^|\/)(components|islands)\//.test(path)) {
      return !/^([A-Z][A-Za-z0-9]*|[a-z0-9_]+)\.tsx?$/.test(name);
    }
    return !/^[a-z0-9_]+(\.d)?\.tsx?$/.test(name);
  });
  assertEquals(wrong, []);
});

Deno.test("nothing is left over: no marks of unfinished work", async () => {
  const marks = new RegExp(["TO" + "DO", "FIX" + "ME", "X" + "XX", "not imple" + "mented"].join("|"));
  assertEquals(offenders(await sources(), ({ text }) => marks.test(text)), []);
});

Deno.test("no value is typed `any`", async () => {
  const any = "an" + "y";
  const wrong = new RegExp(`: ${any}\\b|<${any}>|\\bas ${any}\\b|\\bas unknown as\\b`);
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
  assertEquals(offenders(await sources(), ({ text }) => wrong.test(code(text))), []);
});

Deno.test("the clock, chance and the environment are read only where they may be", async () => {
  const allowed =
    /^(adapters\/system\/|main\.ts|dev\.ts|tasks\/|draft\/main\.ts|tests\/|bench\/|lib\/|adapters\/media\/wasm_worker\.ts|components\/(live|job)\/)/;
  /^(adapters\/system\/|main\.ts|dev\.ts|tasks\/|draft\/main\.ts|tests\/|bench\/|lib\/|adapters\/media\/wasm_worker\.ts|components\/live\/clock\.ts)/;
  const wrong = offenders(
    await sources(),
    ({ path, text }) =>
      !allowed.test(path) && /\b(Date\.now\(|Math\.random\(|Deno\.env\b|performance\.now\()/.test(text),
  );
  assertEquals(wrong, []);
});

Deno.test("no absolute path and no fixed address appears in code [AX40]", async () => {
  // The folders in the wasm engine's own file system are on no machine.
  const virtual = "adapters/media/host_files.ts";
  const list = (await sources()).filter(({ path }) => !isTest(path) && path !== virtual);
  const wrong = list.flatMap(({ path, text }) =>
    [...text.matchAll(
      /["'`](\/(home|root|Users|var|opt|mnt|srv|tmp)\/[^"'`]*|[^"'`]*\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b[^"'`]*)["'`]/g,
    )]
      .map((match) => match[1] ?? "").filter((found) => !/\b127\.0\.0\.1\b|\b0\.0\.0\.0\b/.test(found))
      .map((found) => `${path}: ${found}`)
  );
  assertEquals(wrong, []);
});

Deno.test("the repository holds no weight files [LX30]", async () => {
  assertEquals(
    (await tracked()).filter((path) => /\.(safetensors|gguf|bin|pt|pth|ckpt|onnx)$/i.test(path)),
    [],
  );
});

Deno.test(".env.example is what the configuration schema says, and no other variable or host is in the code [XC2]", async () => {
  assertEquals(await Deno.readTextFile(".env.example"), envExample());
  const list = (await sources()).filter(({ path }) => !isTest(path));
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
  const byName = list.flatMap(({ text }) =>
    [...code(text).matchAll(/Deno\.env\.(?:get|has)\(\s*["'`](\w+)|\benv\.([A-Z_]{3,})\b/g)].map((found) =>
      found[1] ?? found[2] ?? ""
    )
  );
  assertEquals(byName.filter((name) => !Object.hasOwn(VARIABLES, name)), []);
  const hosts = list.filter(({ path }) => !path.startsWith("core/config")).flatMap(({ path, text }) =>
    [...code(text).matchAll(/["'`](?:https?|wss?):\/\/([a-z][^"'`/$]*)/g)].map(([, host]) =>
      `${path}: ${host}`
    )
  );
  assertEquals(hosts, []);
});

Deno.test("every variable that the sources name is its own variable, and concurrency follows the processors [XC29]", async () => {
  const named = [
    "PUBLIC_URL",
    "FRONTEND_ORIGIN",
    "DATABASE_URL",
    "ASSET_STORAGE_ROOT",
    "OUTPUT_STORAGE_ROOT",
    "COMFY_URLS",
    "SESSION_SECRET",
    "COMETAPI_API_KEY",
    "ANTHROPIC_API_KEY",
    "YOUTUBE_CLIENT_ID",
    "YOUTUBE_CLIENT_SECRET",
    "YOUTUBE_REDIRECT_URI",
    "DEFAULT_IMAGE_MODEL",
    "DEFAULT_VIDEO_MODEL",
    "JOB_FILES_DIR",
    "SECRET_KEY",
    "CONCURRENCY",
  ];
  assertEquals(named.filter((name) => !Object.hasOwn(VARIABLES, name)), []);
  assertEquals(VARIABLES.CONCURRENCY.fallback, "0");
  // Zero is read as "by the processors" in both places that run local work.
  const [lanes, media] = await Promise.all(["studio/open.ts", "adapters/media/mod.ts"].map(readText));
  assert(/cores = Math\.max\(1, navigator\.hardwareConcurrency - 1\)/.test(lanes ?? ""));
  assert(/cpu: config\.CONCURRENCY \|\| cores/.test(lanes ?? ""));
  assert(/concurrency \?\? Math\.max\(1, navigator\.hardwareConcurrency - 1\)/.test(media ?? ""));
});

Deno.test("a bad start names every bad variable and shows no value", () => {
  const result = readConfig({ PORT: "banana", COMFY_SLOTS: "99", SECRET_KEY: "very secret thing" });
  assert(!result.ok);
  const message = result.problem[0]?.message ?? "";
  assert(message.includes("PORT") && message.includes("COMFY_SLOTS"));
  assert(!message.includes("banana") && !message.includes("very secret"));
});

Deno.test("each problem code is raised somewhere", async () => {
  const all = (await sources()).filter(({ path }) =>
    !isTest(path) && path !== "core/problem.ts" && !path.startsWith("core/words/")
  ).map((
    { text },
  ) => text).join("\n");
  assertEquals(Object.keys(PROBLEMS).filter((code) => !all.includes(`"${code}"`)), []);
});

Deno.test("the runbook covers running the studio, and every problem code with cause, what is kept and remedy [XC30]", async () => {
  const runbook = await Deno.readTextFile("deploy/RUNBOOK.md");
  const rows = new Map(
    [...(runbook.split("\n## Problems\n")[1] ?? "").matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (.*) \|$/gm)].map((
      [, code = "", rest = ""],
    ) => [code, rest.split(" | ").map((cell) => cell.trim())] as const),
  );
  assertEquals([...rows.keys()].sort(), Object.keys(PROBLEMS).sort());
  for (const [code, cells] of rows) {
    assert(cells.length === 3 && cells.every((cell) => cell.length > 5), code);
  }
  for (
    const part of ["The ComfyUI host", "Start and stop", "Recovery", "Backup", "Gotchas", "Manual smoke list"]
  ) {
    const text = runbook.split(`\n## ${part}\n`)[1]?.split("\n## ")[0] ?? "";
    assert(text.trim().length > 200, part);
  }
});

Deno.test("no two tests have one name", async () => {
  const names = (await sources()).filter(({ path }) =>
    path.endsWith("_test.ts") || path.endsWith("_test.tsx")
  )
    .flatMap(({ path, text }) =>
      [...text.matchAll(/Deno\.test\(\s*"((?:[^"\\]|\\.)*)"/g)].map((match) =>
        `${match[1]} (${path.split("/")[1]})`
      )
    );
  assertEquals(names.filter((name, at) => names.indexOf(name) !== at), []);
});

/** What the product is made of, and where each part does its work. */
const ROLES = {
  fresh: "routes",
  preact: "components",
  "@preact/signals": "islands",
  hono: "api",
  kysely: "db",
  zod: "core",
  "@ffmpeg/ffmpeg": "components/composer",
};

Deno.test("[XC25] every package that is named is used in its place, every top-level entry is there, each JSR package has its replacement", async () => {
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  const all = await sources();
  const unused = Object.keys(config.imports).filter((name) =>
    name !== "@/" && !all.some(({ path, text }) => !isTest(path) && text.includes(`"${name}`))
  );
  const forTests = ["axe-core", "playwright-core", "standardwebhooks"];
  assertEquals(unused.filter((name) => !forTests.includes(name)), []);
  for (const [name, folder] of Object.entries(ROLES)) {
    const users = all.filter(({ path, text }) =>
      path.startsWith(`${folder}/`) && text.includes(`from "${name}"`)
    );
    assert(users.length > 0, `nothing in ${folder} uses ${name}`);
  }
  const folders =
    "actors adapters api bench components core db deploy draft islands lib routes static studio tasks tests workflows";
  const files = ".env.example ARCHITECTURE.md README.md THIRD_PARTY.md deno.json dev.ts main.ts";
  const missing: string[] = [];
  for (const entry of `${folders} ${files}`.split(" ")) {
    await Deno.stat(entry).catch(() => missing.push(entry));
  }
  assertEquals(missing, []);
  const paper = await Deno.readTextFile("ARCHITECTURE.md");
  for (const jsr of ["@fresh/core", "deno-kv-oauth", "@db/sqlite", "@std/"]) {
    assert(paper.includes(jsr), `ARCHITECTURE.md misses ${jsr}`);
  }
});

Deno.test("every top-level entry has its line in ARCHITECTURE.md", async () => {
  const paper = await Deno.readTextFile("ARCHITECTURE.md");
  const tops = new Set((await tracked()).map((path) => path.includes("/") ? `${path.split("/")[0]}/` : path));
  const tools = new Set([
    ".gitignore",
    ".gitattributes",
    "deno.json",
    "deno.lock",
    ".ci/",
    ".dockerignore",
    "THIRD_PARTY.md",
    "ARCHITECTURE.md",
  ]);
  assertEquals([...tops].filter((top) => !tools.has(top) && !paper.includes(`\`${top}`)), []);
});

Deno.test("a class is drawn in one style sheet alone: pages cannot reach into each other", async () => {
  const owners = new Map<string, Set<string>>();
  for (const path of (await tracked()).filter((path) => /^static\/css\/\w+\.css$/.test(path))) {
    const css = (await readText(path)).replaceAll(/\/\*[^]*?\*\//g, "");
    for (const [, selectors = ""] of css.matchAll(/([^{}]+)\{/g)) {
      for (const [, name = ""] of selectors.matchAll(/(?:^|,)\s*\.([a-z][\w-]*)\s*(?=,|$)/g)) {
        owners.set(name, (owners.get(name) ?? new Set()).add(path));
      }
    }
  }
  assertEquals(
    [...owners].filter(([, paths]) => paths.size > 1).map(([name, paths]) => [name, ...paths]),
    [],
  );
});
