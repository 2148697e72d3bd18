/** Builds the browser side: one file with the framework, one per island, what islands share, and compressed assets. */
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";
import { findBrokenLinks } from "./links.ts";
import { digest, digestFile, FORM, listFiles, listIslands, type Manifest } from "./manifest.ts";
import { type Bundle, nameOf, pack } from "./pack.ts";
import { BUILD_PATH, LOCK } from "./payload.ts";

export interface BuildOptions {
  /** Folder with `islands/`, `routes/` and `static/`. */
  root: string;
  /** Folder that gets the scripts, the assets and the manifest. */
  folder: string;
  /** Further inputs, as paths from the root. */
  extra: string[];
}

/** Static files that are worth compressing. */
const TEXT = /\.(css|svg|js|mjs|json|txt|webmanifest)$/;
const FRAMEWORK =
  /^(preact|preact\/hooks|preact\/jsx-runtime|@preact\/signals|@preact\/signals-core|fresh\/runtime)$/;
const LAYER = import.meta.dirname ?? ".";

/** Scripts and assets first, the manifest last: whoever reads it finds everything that it names. */
export async function build({ root, folder, extra }: BuildOptions): Promise<Manifest> {
  const islands = await listIslands(root);
  try {
    const made = await makeScripts(root, islands);
    const statics = await listFiles(root, "static");
    const inputs = await digestAll(root, [...made.sources, ...islands, ...statics, ...extra]);
    const id = digest(JSON.stringify([[...made.files.keys()], statics.map((path) => inputs[path])]));
    const assets = await makeAssets(root, statics.filter((path) => TEXT.test(path)), id);
    const files = new Map([...made.files].map(([name, content]) => [`js/${name}`, content]));
    for (const { name, content } of assets) files.set(`assets/${name}`, content);
    await Promise.all([...files].map(([name, content]) => writeCompressed(`${folder}/${name}`, content)));
    const manifest: Manifest = {
      form: FORM,
      id,
      ...made.manifest,
      assets: Object.fromEntries(assets.map(({ path, name }) => [path, name])),
      inputs,
    };
    await writeWhole(`${folder}/manifest.json`, new TextEncoder().encode(JSON.stringify(manifest)));
    await prune(folder, new Set(files.keys()));
    return manifest;
  } finally {
    await esbuild.stop();
  }
}

interface Made {
  files: Map<string, Uint8Array>;
  /** Sources that went in, as paths from the root. */
  sources: string[];
  manifest: Pick<Manifest, "boot" | "reload" | "islands">;
}

async function makeScripts(root: string, islands: string[]): Promise<Made> {
  const [client, reload] = [`${LAYER}/client.ts`, `${LAYER}/reload.ts`];
  const frame = await bundle(root, { entryPoints: { boot: client, reload } });
  const boot = nameOf(outputOf(frame, root, client));
  const own = await bundle(root, {
    entryPoints: islands.map((path) => join(root, path)),
    plugins: [takeFrameworkFrom(BUILD_PATH + boot)],
  });
  const roots = new Map(islands.map((path) => [path, nameOf(outputOf(own, root, join(root, path)))]));
  const packed = await pack(own, [...roots.values()]);
  const files = new Map([
    ...frame.outputFiles.map(({ path, contents }) => [nameOf(path), contents] as const),
    ...packed.scripts,
  ]);
  const decoder = new TextDecoder();
  const broken = findBrokenLinks(
    new Map([...files].map(([name, text]) => [name, decoder.decode(text)])),
    boot,
  );
  if (broken.length > 0) throw new Error(broken.join("\n"));
  return {
    files,
    sources: [frame, own].flatMap(({ metafile }) => Object.keys(metafile.inputs))
      .filter((path) => !path.includes("node_modules/")),
    manifest: {
      boot,
      reload: nameOf(outputOf(frame, root, reload)),
      islands: [...roots].map(([path, output]) => ({
        path,
        name: nameOf(path).replace(/\.tsx?$/, "").replace(/\W/g, "_"),
        script: packed.islands.get(output)?.script ?? output,
        imports: packed.islands.get(output)?.imports ?? [],
      })),
    },
  };
}

async function bundle(root: string, options: esbuild.BuildOptions): Promise<Bundle> {
  return await esbuild.build({
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    write: false,
    outdir: join(root, "_fresh"),
    absWorkingDir: root,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
    tsconfigRaw: {},
    alias: { "@": root, "fresh/runtime": `${LAYER}/runtime.ts` },
    nodePaths: [join(LAYER, "../../node_modules")],
    logLevel: "silent",
    ...options,
  }) as Bundle;
}

/** Islands import the framework from the file that boots them, so that it is loaded once and in one request. */
function takeFrameworkFrom(url: string): esbuild.Plugin {
  return {
    name: "framework",
    setup: ({ onResolve }) => onResolve({ filter: FRAMEWORK }, () => ({ path: url, external: true })),
  };
}

/** Where an entry went, as a path in the metafile. */
function outputOf({ metafile }: Bundle, root: string, source: string): string {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
    entryPoint !== undefined && join(root, entryPoint) === source
  );
  if (!found) throw new Error(`The build made no script of ${source}`);
  return found[0];
}

interface Asset {
  /** Public path. */
  path: string;
  /** File name in the build. */
  name: string;
  content: Uint8Array;
}

async function makeAssets(root: string, paths: string[], id: string): Promise<Asset[]> {
  return await Promise.all(paths.map(async (path) => {
    const content = path.endsWith(".css")
      ? await bundleCss(root, path, id)
      : await Deno.readFile(`${root}/${path}`);
    const name = `${digest(content)}${path.slice(path.lastIndexOf("."))}`;
    return { path: path.slice("static".length), name, content };
  }));
}

/** A style sheet with its imports in place and its fonts and pictures locked to the build. */
async function bundleCss(root: string, path: string, id: string): Promise<Uint8Array> {
  const inStatic = join(root, "static");
  const lock: esbuild.Plugin = {
    name: "lock",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[^:]*$/ }, ({ kind, path, resolveDir }) => {
        const full = path.startsWith("/") ? join(inStatic, path) : join(resolveDir, path);
        if (kind === "import-rule") return { path: full };
        if (kind !== "url-token") return null;
        return { path: `/${relative(inStatic, full).replaceAll("\\", "/")}?${LOCK}=${id}`, external: true };
      }),
  };
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, path)],
    bundle: true,
    minify: true,
    target: "es2022",
    write: false,
    logLevel: "silent",
    plugins: [lock],
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

async function digestAll(root: string, paths: string[]): Promise<Record<string, string>> {
  const known = [...new Set(paths)].sort();
  const digests = await Promise.all(known.map((path) => digestFile(`${root}/${path}`)));
  return Object.fromEntries(known.map((path, at) => [path, digests[at] ?? ""]));
}

/** A file with its gzip and brotli forms beside it. Names follow from contents: what is there already is the same. */
async function writeCompressed(path: string, content: Uint8Array): Promise<void> {
  if (await exists(`${path}.gz`)) return;
  const brotli = await promisify(brotliCompress)(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  await writeWhole(path, content);
  await writeWhole(`${path}.br`, brotli);
  await writeWhole(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}

/** Pages that were opened before this build may still ask for its predecessors' files, but not for ever. */
const KEPT_MS = 30 * 86_400_000;

async function prune(folder: string, used: Set<string>): Promise<void> {
  const before = Date.now() - KEPT_MS;
  for (const path of [...await listFiles(folder, "js"), ...await listFiles(folder, "assets")]) {
    if (used.has(path.replace(/\.(br|gz)$/, ""))) continue;
    const stat = await Deno.stat(`${folder}/${path}`).catch(() => null);
    // Another process may have been faster.
    if (stat?.mtime && stat.mtime.getTime() < before) await Deno.remove(`${folder}/${path}`).catch(() => {});
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Appears whole or not at all, whoever else writes it at the same time. */
async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}.part`;
  await Deno.writeFile(draft, content);
  await Deno.rename(draft, path);
}

if (import.meta.main) {
  const [root = ".", folder = "_fresh", ...extra] = Deno.args;
  try {
    await build({ root, folder, extra });
  } catch (thrown) {
    Deno.stderr.writeSync(
      new TextEncoder().encode(thrown instanceof Error ? thrown.message : String(thrown)),
    );
    Deno.exit(1);
  }
}
