/** Turns what an app registered, in its order, into tables that one request is answered from. */
import { Matcher } from "./matcher.ts";
import { compareByRank, patternOf, type RouteFile } from "./route_files.ts";
import {
  type Covered,
  covers,
  type Place,
  type PlacedError,
  type PlacedLayout,
  type PlacedMiddleware,
} from "./scopes.ts";
import type { Component, LayoutConfig, Middleware, RouteConfig, RouteHandler, RouteModule } from "./types.ts";

export type Registration<State> =
  | { kind: "use"; place: Place; fns: Middleware<State>[] }
  | { kind: "route"; pattern: string; methods: string[]; fns: Middleware<State>[] }
  | { kind: "layout"; pattern: string; component: Component<State>; config: LayoutConfig }
  | { kind: "error"; pattern: string; handler: Middleware<State> }
  | { kind: "files" };

/** One thing that answers: functions for a method, or a route file with handler and page. */
export interface Route<State> extends Covered {
  methods: Map<string, Middleware<State>[]>;
  file: FileRoute<State> | null;
  /** Middleware that was registered before it and covers it, outermost first. */
  chain: Middleware<State>[];
}

export interface FileRoute<State> {
  handler: RouteHandler<unknown, State> | null;
  component: Component<State> | null;
  config: RouteConfig;
}

export interface Tables<State> {
  matcher: Matcher<Route<State>>;
  middleware: PlacedMiddleware<State>[];
  layouts: PlacedLayout<State>[];
  errors: PlacedError<State>[];
  appShell: Component<State> | null;
}

export async function makeTables<State>(
  registrations: Registration<State>[],
  files: RouteFile[],
): Promise<Tables<State>> {
  const tables: Tables<State> = {
    matcher: new Matcher(),
    middleware: [],
    layouts: [],
    errors: [],
    appShell: null,
  };
  const byPattern = new Map<string, Route<State>>();
  for (const item of registrations) {
    if (item.kind === "use") tables.middleware.push(item);
    if (item.kind === "layout") tables.layouts.push({ ...item, place: { pattern: item.pattern } });
    if (item.kind === "error") {
      const { pattern, handler } = item;
      tables.errors.push({ place: { pattern }, status: null, handler, component: null });
    }
    if (item.kind === "route") {
      const known = byPattern.get(item.pattern);
      const route = known ?? addRoute(tables, { pattern: item.pattern, folder: null, file: null });
      byPattern.set(item.pattern, route);
      const before = tables.middleware.filter(({ place }) => covers(place, route)).flatMap(({ fns }) => fns);
      const own = known ? before.slice(route.chain.length) : [];
      for (const method of item.methods) {
        if (!route.methods.has(method)) route.methods.set(method, [...own, ...item.fns]);
      }
    }
    if (item.kind === "files") await addFiles(tables, files);
  }
  return tables;
}

function addRoute<State>(
  tables: Tables<State>,
  parts: Pick<Route<State>, "pattern" | "folder" | "file">,
): Route<State> {
  const chain = tables.middleware.filter(({ place }) => covers(place, parts)).flatMap(({ fns }) => fns);
  const route: Route<State> = { ...parts, methods: new Map(), chain };
  tables.matcher.add(parts.pattern, route);
  return route;
}

async function addFiles<State>(tables: Tables<State>, files: RouteFile[]): Promise<void> {
  const loaded = await Promise.all(files.map(async (file) => ({
    folder: file.path.includes("/") ? file.path.slice(0, file.path.lastIndexOf("/")) : "",
    name: file.path.slice(file.path.lastIndexOf("/") + 1),
    path: file.path,
    module: readModule<State>(await file.load()),
  })));
  const depth = (folder: string) => folder.split("/").filter(Boolean).length;
  loaded.sort((a, b) => depth(a.folder) - depth(b.folder) || (a.path < b.path ? -1 : 1));
  for (const { folder, name, module } of loaded) {
    const place = { folder, pattern: patternOf(folder) };
    const component = module.default ?? null;
    if (name === "_app" && folder === "") tables.appShell = component;
    if (name === "_layout" && component) {
      tables.layouts.push({ place, component, config: module.config ?? {} });
    }
    if (name === "_middleware") tables.middleware.push({ place, fns: middlewareOf(module) });
    if (name === "_error" || name === "_404" || name === "_500") {
      const status = name === "_error" ? null : Number(name.slice(1));
      tables.errors.push({ place, status, handler: handlerOf(module), component });
    }
  }
  const pages = loaded.filter(({ name }) => !name.startsWith("_"))
    .map((page) => ({ ...page, pattern: page.module.config?.routeOverride ?? patternOf(page.path) }))
    .sort((a, b) => compareByRank(a.pattern, b.pattern));
  for (const { pattern, folder, module } of pages) {
    const file = {
      handler: handlerOf(module),
      component: module.default ?? null,
      config: module.config ?? {},
    };
    addRoute(tables, { pattern, folder, file });
  }
}

/** Route files are ours and typed by `define`; their shape is not judged again when they are loaded. */
function readModule<State>(loaded: unknown): RouteModule<State> {
  return loaded as RouteModule<State>;
}

function handlerOf<State>(module: RouteModule<State>): RouteHandler<unknown, State> | null {
  return module.handler ?? module.handlers ?? null;
}

/** A `_middleware.ts` exports one function or several, as its default or as `handler`. */
function middlewareOf<State>(module: RouteModule<State>): Middleware<State>[] {
  const exported: unknown = module.default ?? module.handler ?? module.handlers ?? [];
  return [exported].flat() as Middleware<State>[];
}
