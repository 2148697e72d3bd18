/** Joins what the bundler split too finely: what one island alone needs stands in its own file, so that a page asks for few. */
import * as esbuild from "esbuild";
import { digest } from "./manifest.ts";
import { BUILD_PATH } from "./payload.ts";

export type Bundle = esbuild.BuildResult<{ metafile: true; write: false }>;

export interface Packed {
  scripts: Map<string, Uint8Array>;
  /** By the bundler's name of the island's script: its own, and those that it imports. */
  islands: Map<string, { script: string; imports: string[] }>;
}

/** One output of the bundler. */
interface Piece {
  name: string;
  text: string;
  exports: string[];
  /** Pieces that it needs to begin, and pieces that it may load later. */
  needs: string[];
  later: string[];
}

/** One script as browsers get it. */
interface Script {
  /** The piece whose exports are the script's own; null where islands share it. */
  head: string | null;
  pieces: string[];
  name: string;
}

export function nameOf(path: string): string {
  return path.replaceAll("\\", "/").split("/").at(-1) ?? path;
}

/** `roots` are the bundler's names of the islands' scripts. */
export async function pack(made: Bundle, roots: string[]): Promise<Packed> {
  const pieces = readPieces(made);
  const places = placePieces(pieces, roots);
  const all = new Set(places.values());
  for (const script of all) {
    const label = script.head?.replace(/-\w+\.js$/, "") ?? "shared";
    const members = [...reach(script, (from) => linksOf(from, pieces, places, true))].flatMap(({ pieces }) =>
      pieces
    );
    script.name = `${label}-${digest(members.sort().join()).slice(0, 8).toUpperCase()}.js`;
  }
  const { outputFiles } = await esbuild.build({
    entryPoints: [...all].map(({ name }) => ({ in: `entry:${name}`, out: name.replace(/\.js$/, "") })),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    outdir: "/",
    logLevel: "silent",
    plugins: [placer(pieces, places)],
  });
  const islands = new Map(roots.map((root) => {
    const own = places.get(root);
    const needed = own ? [...reach(own, (from) => linksOf(from, pieces, places, false))] : [];
    return [root, {
      script: own?.name ?? root,
      imports: needed.filter((script) => script !== own).map(({ name }) => name),
    }];
  }));
  return { scripts: new Map(outputFiles.map(({ path, contents }) => [nameOf(path), contents])), islands };
}

function readPieces({ outputFiles, metafile }: Bundle): Map<string, Piece> {
  const texts = new Map(outputFiles.map(({ path, text }) => [nameOf(path), text]));
  return new Map(
    Object.entries(metafile.outputs).map(([path, { imports, exports }]) => {
      const name = nameOf(path);
      const of = (kind: string) =>
        imports.filter((found) => !found.external && found.kind === kind).map((found) => nameOf(found.path));
      const piece = {
        name,
        text: texts.get(name) ?? "",
        exports,
        needs: of("import-statement"),
        later: of("dynamic-import"),
      };
      return [name, piece];
    }),
  );
}

/** Which script each piece goes into. */
function placePieces(pieces: Map<string, Piece>, roots: string[]): Map<string, Script> {
  const later = [...pieces.values()].flatMap((piece) => piece.later);
  // Whoever loads a piece later gets its exports as they are, so it keeps a script of its own.
  const heads = [...new Set([...roots, ...later])];
  const places = new Map<string, Script>(heads.map((head) => [head, { head, pieces: [head], name: "" }]));
  const needed = new Map(heads.map((head) => [head, reach(head, (name) => pieces.get(name)?.needs ?? [])]));
  const shared = new Map<string, Script>();
  for (const name of pieces.keys()) {
    if (places.has(name)) continue;
    const users = heads.filter((head) => needed.get(head)?.has(name));
    const islands = users.filter((head) => roots.includes(head));
    const owners = islands.length > 0 ? islands : users;
    const key = owners.join();
    const script = owners.length === 1 && owners[0] ? places.get(owners[0]) : shared.get(key);
    const place = script ?? { head: null, pieces: [], name: "" };
    if (!script) shared.set(key, place);
    place.pieces.push(name);
    places.set(name, place);
  }
  return places;
}

/** Everything that can be reached from a beginning, itself included. */
function reach<T>(begin: T, next: (from: T) => T[]): Set<T> {
  const found = new Set([begin]);
  for (const from of found) for (const to of next(from)) found.add(to);
  return found;
}

function linksOf(
  script: Script,
  pieces: Map<string, Piece>,
  places: Map<string, Script>,
  withLater: boolean,
): Script[] {
  const names = script.pieces.map((name) => pieces.get(name)).flatMap((piece) =>
    piece ? [...piece.needs, ...(withLater ? piece.later : [])] : []
  );
  return names.flatMap((name) => places.get(name) ?? []);
}

/** Lets a piece find others: those of its own script as they are, all others by the address of theirs. */
function placer(pieces: Map<string, Piece>, places: Map<string, Script>): esbuild.Plugin {
  const scripts = new Map([...new Set(places.values())].map((script) => [script.name, script]));
  /** A piece that is no head is exported under names that no other piece of its script has, and that follow from the script alone. */
  const renamed = (piece: Piece, name: string) =>
    `p${places.get(piece.name)?.pieces.toSorted().indexOf(piece.name)}_${name}`;
  const addressOf = (name: string) => BUILD_PATH + (places.get(name)?.name ?? "");
  const own = (script: Script) =>
    script.pieces.map((name) => pieces.get(name)).filter((piece) => piece !== undefined);
  const entry = (script: Script) =>
    own(script).map((piece) => {
      const names = piece.exports.map((name) =>
        script.head === piece.name ? name : `${name} as ${renamed(piece, name)}`
      );
      return names.length > 0
        ? `export { ${names.join()} } from "./${piece.name}";`
        : `import "./${piece.name}";`;
    }).join("\n");
  const stub = (piece: Piece) => {
    const isHead = places.get(piece.name)?.head === piece.name;
    const names = piece.exports.map((name) => isHead ? name : `${renamed(piece, name)} as ${name}`);
    return names.length > 0
      ? `export { ${names.join()} } from "${addressOf(piece.name)}";`
      : piece.text.trim() === ""
      ? ""
      : `import "${addressOf(piece.name)}";`;
  };
  return {
    name: "placer",
    setup({ onResolve, onLoad }) {
      onResolve(
        { filter: /^entry:/ },
        ({ path }) => ({ path: path.slice("entry:".length), namespace: "entry" }),
      );
      onResolve({ filter: /^\// }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^\.\// }, ({ path, kind, importer, namespace }) => {
        const name = nameOf(path);
        if (kind === "dynamic-import") return { path: addressOf(name), external: true };
        const at = namespace === "entry" ? importer : places.get(importer)?.name;
        return { path: name, namespace: places.get(name)?.name === at ? "piece" : "stub" };
      });
      onLoad({ filter: /./, namespace: "entry" }, ({ path }) => {
        const script = scripts.get(path);
        return { contents: script ? entry(script) : "" };
      });
      onLoad({ filter: /./, namespace: "piece" }, ({ path }) => ({ contents: pieces.get(path)?.text ?? "" }));
      onLoad({ filter: /./, namespace: "stub" }, ({ path }) => {
        const piece = pieces.get(path);
        return { contents: piece ? stub(piece) : "" };
      });
    },
  };
}
