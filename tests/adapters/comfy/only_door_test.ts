/** One folder speaks to each outside service, and nothing else does. */
import { assert, assertEquals } from "@/tests/assert.ts";

/** Routes that only a ComfyUI has. */
const ROUTES = /upload\/image|object_info\/|system_stats|history\/\$\{|["'`/]interrupt["'`]|clientId=/;
/** What opens a connection to somewhere else. Handlers of our own server are called `app.fetch`. */
const CALLS =
  /(?<![.\w])fetch\(|(?<![.\w])fetch\b(?=\s*[;,)}])|globalThis\.fetch|new WebSocket\(|from "(ws|undici|node:(http|https|http2|net|tls))"|Deno\.connect|new EventSource\(/;
/** An address put together by hand: `${something.url}/path`. */
const ADDRESS = /\$\{[^}]*\b(base|backend|host|origin|server)[^}]*\}\/|\$\{[^}]*\.url\}\//i;
const FOLDERS = [
  "routes",
  "islands",
  "components",
  "api",
  "actors",
  "db",
  "core",
  "lib",
  "adapters",
  "studio",
];

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

/** The studio's own files whose code, comments left out, fits the pattern. */
async function filesWith(pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (
    const path of [
      "main.ts",
      ...(await Promise.all(FOLDERS.map((one) => Array.fromAsync(sources(one))))).flat(),
    ]
  ) {
    const code = (await Deno.readTextFile(path)).replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
    if (pattern.test(code)) found.push(path);
  }
  return found;
}

Deno.test("routes of ComfyUI are named in adapters/comfy and nowhere else in the studio [AX23]", async () => {
  const speakers = await filesWith(ROUTES);
  assert(speakers.includes("adapters/comfy/parts.ts"), "the test sees the client itself");
  assertEquals(speakers.filter((path) => !path.startsWith("adapters/comfy/")), []);
});

Deno.test("requests to other services begin in one adapter each; nothing else opens a connection or builds an address [XC1] [AX23]", async () => {
  // What runs in the browser speaks to its own origin, which the content policy holds it to.
  const isBrowser = (path: string) => /^(components|islands|lib\/fresh)\//.test(path);
  const all = await filesWith(CALLS);
  for (const path of all.filter(isBrowser)) {
    assert(!/["'`]https?:\/\//.test(await Deno.readTextFile(path)), `${path} names another origin`);
  }
  const callers = all.filter((path) => !isBrowser(path));
  assert(callers.includes("adapters/comfy/client.ts") && callers.includes("adapters/comfy/socket.ts"));
  assertEquals([...new Set(callers.map((path) => path.split("/").slice(0, 2).join("/")))], [
    "adapters/comfy",
    "adapters/delivery",
    "adapters/outbound",
  ]);
  // These two put together the studio's own address.
  const own = ["main.ts", "api/shares.ts"];
  const built = (await filesWith(ADDRESS)).filter((path) =>
    !path.startsWith("adapters/comfy/") && !own.includes(path)
  );
  assertEquals(built, []);
  for (
    const bad of [
      "await fetch(url)",
      "const ask = options.fetch ?? fetch;",
      "new WebSocket(url)",
      'import http from "node:http";',
    ]
  ) {
    assert(CALLS.test(bad), bad);
  }
  for (const bad of ["`${backend.url}/prompt`", "`${base}/view?x`", "`${row.url}/queue`"]) {
    assert(ADDRESS.test(bad), bad);
  }
});

Deno.test("memory of a render server is freed in one place [LX20]", async () => {
  assertEquals(await filesWith(/\.free\(/), ["actors/job/effects/ensure_prompt.ts"]);
  assertEquals(
    (await Deno.readTextFile("actors/job/effects/ensure_prompt.ts")).match(/\.free\(/g)?.length,
    1,
  );
  assertEquals(await filesWith(/free_memory|unload_models/), ["adapters/comfy/parts.ts"]);
});
