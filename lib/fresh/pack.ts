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
  pieces: Piece[];
  /** What others call it until all texts are known, and with them the names. */
  name: string;
}

/** All pieces, and the script that each goes into. */
interface Layout {
  pieces: Map<string, Piece>;
  places: Map<string, Script>;
}

/** A script that islands share, and which ones. */
interface Group {
  script: Script;
  owners: string[];
}

/** A shared script below this size, in characters before compression, is not worth a request of its own. */
const SMALL = 2000;

export function nameOf(path: string): string {
  return path.replaceAll("\\", "/").split("/").at(-1) ?? path;
}

/** `roots` are the bundler's names of the islands' scripts. */
export async function pack(made: Bundle, roots: string[]): Promise<Packed> {
  const pieces = readPieces(made);
  const layout = { pieces, places: placePieces(pieces, roots) };
  const all = [...new Set(layout.places.values())];
  for (const script of all) {
    const inside = digest(script.pieces.map(({ name }) => name).join());
    script.name = `${labelOf(script)}-${inside.slice(0, 8)}.js`;
  }
  const texts = await writeScripts(layout, all);
  const names = nameScripts(layout, all, texts);
  const rename = (name: string) => names.get(name) ?? name;
  const islands = new Map(roots.map((root) => {
    const own = layout.places.get(root);
    const needed = own ? [...reach(own, (from) => linksOf(from, layout, false))] : [];
    const [script = root, ...imports] = needed.map(({ name }) => rename(name));
    return [root, { script, imports }];
  }));
  const address = new RegExp(`(?<="${BUILD_PATH})[\\w.-]+(?=")`, "g");
  const scripts = new Map([...texts].map(([name, text]) => {
    return [rename(name), new TextEncoder().encode(text.replaceAll(address, rename))];
  }));
  return { scripts, islands };
}

function labelOf({ head }: Script): string {
  return head?.replace(/-\w+\.js$/, "") ?? "shared";
}

function readPieces({ outputFiles, metafile }: Bundle): Map<string, Piece> {
  const texts = new Map(outputFiles.map(({ path, text }) => [nameOf(path), text]));
  return new Map(
    Object.entries(metafile.outputs).map(([path, { imports, exports }]) => {
      const name = nameOf(path);
      const of = (kind: string) =>
        imports.filter((found) => !found.external && found.kind === kind).map((found) => nameOf(found.path));
      const [needs, later] = [of("import-statement"), of("dynamic-import")];
      return [name, { name, text: texts.get(name) ?? "", exports, needs, later }];
    }),
  );
}

/** Which script each piece goes into: a piece that several islands need into one for exactly these. */
function placePieces(pieces: Map<string, Piece>, roots: string[]): Map<string, Script> {
  const places = new Map<string, Script>();
  const place = (piece: Piece, script: Script) => {
    script.pieces.push(piece);
    places.set(piece.name, script);
  };
  // Whoever loads a piece later gets its exports as they are, so it keeps a script of its own.
  const heads = new Set([...roots, ...[...pieces.values()].flatMap(({ later }) => later)]);
  for (const head of heads) {
    const piece = pieces.get(head);
    if (piece) place(piece, { head, pieces: [], name: "" });
  }
  const needed = new Map(
    [...heads].map((head) => [head, reach(head, (name) => pieces.get(name)?.needs ?? [])]),
  );
  const shared = new Map<string, Group>();
  for (const piece of pieces.values()) {
    if (heads.has(piece.name)) continue;
    const users = [...heads].filter((head) => needed.get(head)?.has(piece.name));
    const islands = users.filter((head) => roots.includes(head));
    const owners = islands.length > 0 ? islands : users;
    const alone = owners.length === 1 ? places.get(owners[0] ?? "") : undefined;
    const key = owners.join();
    const group = shared.get(key) ?? { script: { head: null, pieces: [], name: "" }, owners: islands };
    if (!alone) shared.set(key, group);
    place(piece, alone ?? group.script);
  }
  for (const [from, to] of joins([...shared.values()], roots.length)) {
    for (const piece of from.script.pieces) place(piece, to.script);
  }
  return places;
}

/** Which shared scripts go into which: each is a request, and browsers wait for all of a page's before it is live. */
function joins(shared: Group[], islands: number): [from: Group, to: Group][] {
  const [widest, ...others] = shared.filter(({ owners }) => owners.length > 0)
    .sort((a, b) => b.owners.length - a.owners.length);
  if (!widest) return [];
  const sizeOf = ({ script }: Group) => script.pieces.reduce((sum, { text }) => sum + text.length, 0);
  // What most islands need, and the smallest, go into the one that the most have anyway.
  const isCommon = (group: Group) => sizeOf(group) < SMALL || group.owners.length * 2 > islands;
  const apart = others.filter((group) => !isCommon(group));
  // What is nearly as small goes where all of its islands find it, and few others have to take it along.
  const isGuest = (group: Group) => sizeOf(group) < 2 * SMALL && apart.some((other) => holds(other, group));
  const hosts = apart.filter((group) => !isGuest(group));
  return [
    ...others.filter(isCommon).map((group): [Group, Group] => [group, widest]),
    ...apart.filter(isGuest).flatMap((group) =>
      hosts.filter((other) => holds(other, group)).slice(0, 1).map((host): [Group, Group] => [group, host])
    ),
  ];
}

function holds(wide: Group, narrow: Group): boolean {
  return wide.owners.length > narrow.owners.length && narrow.owners.every((one) => wide.owners.includes(one));
}

/** Everything that can be reached from a beginning, itself first. */
function reach<T>(begin: T, next: (from: T) => T[]): Set<T> {
  const found = new Set([begin]);
  for (const from of found) for (const to of next(from)) found.add(to);
  return found;
}

function linksOf({ pieces }: Script, { places }: Layout, withLater: boolean): Script[] {
  const names = pieces.flatMap(({ needs, later }) => withLater ? [...needs, ...later] : needs);
  return names.flatMap((name) => places.get(name) ?? []);
}

/** The text of each script, in which the others still have their first names. */
async function writeScripts(layout: Layout, all: Script[]): Promise<Map<string, string>> {
  const { outputFiles } = await esbuild.build({
    entryPoints: all.map(({ name }) => ({ in: `entry:${name}`, out: name.replace(/\.js$/, "") })),
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    outdir: "/",
    logLevel: "silent",
    plugins: [placer(layout, all)],
  });
  return new Map(outputFiles.map(({ path, text }) => [nameOf(path), text]));
}

/** Names that follow from the contents: of the script, and of all that stand in it by name, now or later. */
function nameScripts(layout: Layout, all: Script[], texts: Map<string, string>): Map<string, string> {
  return new Map(all.map((script) => {
    const known = [...reach(script, (from) => linksOf(from, layout, true))].map(({ name }) =>
      name + texts.get(name)
    );
    // Two that load one another know the same; their own first names tell them apart.
    const contents = [script.name, ...known.sort()].join("\n");
    return [script.name, `${labelOf(script)}-${digest(contents).slice(0, 8).toUpperCase()}.js`];
  }));
}

/** The names that a script takes from a piece of another one. */
function takenBy({ pieces }: Script, from: Piece): string[] {
  const taken = pieces.flatMap(({ text }) =>
    [...text.matchAll(/\b(?:import|export)\s*\{([^}]*)\}\s*from\s*"\.\/([^"]+)"/g)]
      .filter(([, , name]) => name === from.name)
      .flatMap(([, names = ""]) => names.split(",").map((one) => one.trim().split(/\s+as\s+/)[0] ?? ""))
  );
  return [...new Set(taken)].filter((name) => from.exports.includes(name)).sort();
}

/** Lets a piece find others: those of its own script as they are, all others by the address of theirs. */
function placer({ pieces, places }: Layout, all: Script[]): esbuild.Plugin {
  const scripts = new Map(all.map((script) => [script.name, script]));
  const addressOf = (name: string) => BUILD_PATH + (places.get(name)?.name ?? "");
  const isHead = ({ name }: Piece) => places.get(name)?.head === name;
  /** A piece that is no head is exported under names that no other piece of its script has. */
  const renamed = (piece: Piece, name: string) => `${name}${places.get(piece.name)?.pieces.indexOf(piece)}`;
  /** What a piece that is no head gives is what other scripts take of it. */
  const given = (piece: Piece) => {
    const others = all.filter((script) => script !== places.get(piece.name));
    const taken = new Set(others.flatMap((script) => takenBy(script, piece)));
    return isHead(piece) ? piece.exports : piece.exports.filter((name) => taken.has(name));
  };
  const entry = (piece: Piece) => {
    const names = given(piece).map((name) => isHead(piece) ? name : `${name} as ${renamed(piece, name)}`);
    return names.length > 0
      ? `export { ${names.join()} } from "./${piece.name}";`
      : `import "./${piece.name}";`;
  };
  const stub = (piece: Piece, script: Script) => {
    const names = takenBy(script, piece)
      .map((name) => isHead(piece) ? name : `${renamed(piece, name)} as ${name}`);
    if (names.length > 0) return `export { ${names.join()} } from "${addressOf(piece.name)}";`;
    return piece.text.trim() === "" ? "" : `import "${addressOf(piece.name)}";`;
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
        const isOwn = places.get(name)?.name === at;
        return isOwn ? { path: name, namespace: "piece" } : { path: `${name} ${at}`, namespace: "stub" };
      });
      const load = (namespace: string, write: (path: string) => string) =>
        onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: write(path) }));
      load("entry", (path) => scripts.get(path)?.pieces.map(entry).join("\n") ?? "");
      load("piece", (path) => pieces.get(path)?.text ?? "");
      load("stub", (path) => {
        const [name = "", at = ""] = path.split(" ");
        const [piece, script] = [pieces.get(name), scripts.get(at)];
        return piece && script ? stub(piece, script) : "";
      });
    },
  };
}
