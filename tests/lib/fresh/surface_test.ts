/** What this project uses of Fresh exists in Fresh 2 under the same name, so that the layer can be left again. */
import * as server from "fresh";
import * as shared from "fresh/runtime";
import { assert, assertEquals } from "@/tests/assert.ts";

/** The part of Fresh 2 that the layer offers; nothing else may be used. */
const FRESH = [
  "App",
  "Context",
  "CSPOptions",
  "CsrfOptions",
  "Define",
  "FreshConfig",
  "FreshContext",
  "HandlerByMethod",
  "HandlerFn",
  "HttpError",
  "LayoutConfig",
  "ListenOptions",
  "Method",
  "Middleware",
  "MiddlewareFn",
  "PageProps",
  "PageResponse",
  "ResolvedFreshConfig",
  "RouteConfig",
  "RouteData",
  "RouteHandler",
  "createDefine",
  "csp",
  "csrf",
  "page",
  "staticFiles",
];
const RUNTIME = [
  "Head",
  "HeadProps",
  "HttpError",
  "IS_BROWSER",
  "Partial",
  "PartialProps",
  "asset",
  "assetSrcSet",
];
const APP = ["routes", "islands", "components"];

async function* sources(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

/** Imported names by specifier, in any of the forms of import. */
function importsOf(text: string): { from: string; names: string[] }[] {
  return [...text.matchAll(/(?:import|export)\s+(?:type\s+)?([^"';]*?)\s*from\s*["']([^"']+)["']/g)].map(
    ([, clause = "", from = ""]) => ({
      from,
      names: (clause.match(/\{([^}]*)\}/)?.[1]?.split(",") ?? [clause]).map((name) =>
        name.trim().replace(/^type\s+/, "").split(/\s+as\s+/)[0] ?? ""
      ).filter((name) => name !== ""),
    }),
  );
}

Deno.test("the app uses only names of Fresh 2 and reaches the layer by no other way", async () => {
  const paths = ["main.ts"];
  for (const folder of APP) paths.push(...await Array.fromAsync(sources(folder)));
  assert(paths.length > 10);
  const wrong: string[] = [];
  let used = 0;
  for (const path of paths) {
    for (const { from, names } of importsOf(await Deno.readTextFile(path))) {
      if (/lib\/fresh|^fresh\/(?!runtime$)/.test(from)) wrong.push(`${path}: ${from}`);
      const known = from === "fresh" ? FRESH : from === "fresh/runtime" ? RUNTIME : null;
      if (known === null) continue;
      used += names.length;
      wrong.push(
        ...names.filter((name) => !known.includes(name)).map((name) => `${path}: ${name} of ${from}`),
      );
    }
  }
  assertEquals(wrong, []);
  assert(used > 10);
});

Deno.test("the layer exports nothing that Fresh 2 does not have", async () => {
  assertEquals(Object.keys(server).filter((name) => !FRESH.includes(name)), []);
  assertEquals(Object.keys(shared).filter((name) => !RUNTIME.includes(name)), []);
  const types = importsOf(await Deno.readTextFile("lib/fresh/mod.ts")).flatMap(({ names }) => names);
  assertEquals(types.filter((name) => !FRESH.includes(name)), []);
});

Deno.test("main.ts only exports the app: importing it opens nothing and listens nowhere", async () => {
  const { app } = await import("@/main.ts");
  assertEquals(typeof app.handler, "function");
});
