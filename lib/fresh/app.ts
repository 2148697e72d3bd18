/** The app: registers middleware and routes, and answers a request with a response. */
import { openBuild } from "./builds.ts";
import type { Built } from "./built.ts";
import { type Backing, Context } from "./context.ts";
import { HttpError } from "./error.ts";
import { renderInside, renderPage } from "./render.ts";
import { type RouteFile, scanRoutes } from "./route_files.ts";
import { defaultMode, setBuildId } from "./runtime_state.ts";
import { type Covered, covers, errorFor, layoutsOf } from "./scopes.ts";
import { makeTables, type Registration, type Route, type Tables } from "./tables.ts";
import type {
  Component,
  FreshConfig,
  HandlerFn,
  LayoutConfig,
  Middleware,
  PageResponse,
  ResolvedFreshConfig,
  RouteHandler,
} from "./types.ts";

export interface ListenOptions {
  port?: number;
  hostname?: string;
  signal?: AbortSignal;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const NOWHERE: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 0 },
  completed: Promise.resolve(),
};

export class App<State> {
  readonly config: ResolvedFreshConfig;
  readonly #items: Registration<State>[] = [];
  #shell: Component<State> | null = null;
  #notFound: Middleware<State> | null = null;
  #files: (() => Promise<RouteFile[]>) | null = null;
  #build: (() => Promise<Built>) | null = null;

  constructor(config: FreshConfig = {}) {
    const { root = ".", basePath = "", mode = defaultMode(), trustProxy = false } = config;
    this.config = Object.freeze({ root, basePath, mode, trustProxy });
  }

  /** Covers what is registered after it, everywhere or below a path. */
  use(...fns: Middleware<State>[]): this;
  use(path: string, ...fns: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...rest: Middleware<State>[]): this {
    const pattern = typeof first === "string" ? first : "/";
    const fns = typeof first === "string" ? rest : [first, ...rest];
    this.#items.push({ kind: "use", place: { pattern }, fns });
    return this;
  }

  get(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["GET"], fns);
  }
  post(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["POST"], fns);
  }
  put(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["PUT"], fns);
  }
  patch(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["PATCH"], fns);
  }
  delete(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["DELETE"], fns);
  }
  head(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, ["HEAD"], fns);
  }
  all(path: string, ...fns: Middleware<State>[]): this {
    return this.#route(path, [...METHODS, "OPTIONS"], fns);
  }
  #route(pattern: string, methods: string[], fns: Middleware<State>[]): this {
    this.#items.push({ kind: "route", pattern, methods, fns });
    return this;
  }

  notFound(fn: Middleware<State>): this {
    this.#notFound = fn;
    return this;
  }

  /** Answers what is thrown below a path. */
  onError(path: string, handler: Middleware<State>): this {
    this.#items.push({ kind: "error", pattern: path, handler });
    return this;
  }

  appWrapper(component: Component<State>): this {
    this.#shell = component;
    return this;
  }

  layout(path: string, component: Component<State>, config: LayoutConfig = {}): this {
    this.#items.push({ kind: "layout", pattern: path, component, config });
    return this;
  }

  /** Registers the files of `routes/` at this point. They are loaded, and islands built, on the first request. */
  fsRoutes(): this {
    const root = rootPath(this.config.root);
    this.#files ??= () => scanRoutes(root);
    this.#build ??= () => openBuild(root);
    this.#items.push({ kind: "files" });
    return this;
  }

  /** Routes from elsewhere take the place of the scanned ones; such an app has no islands. */
  static useRouteFiles<S>(app: App<S>, files: RouteFile[]): void {
    app.#files = () => Promise.resolve(files);
    app.#build = null;
  }

  handler(): (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    let ready: Promise<Ready<State>> | null = null;
    return async (req, info = NOWHERE) => await this.#answer(await (ready ??= this.#open()), req, info);
  }

  async #open(): Promise<Ready<State>> {
    const [built, tables] = await Promise.all([
      this.#build?.() ?? null,
      this.#files?.().then((files) => makeTables(this.#items, files)) ?? makeTables(this.#items, []),
    ]);
    if (built !== null) setBuildId(built.id);
    return { built, tables };
  }

  /** Serves on the first free port of twenty, from `port` (8000) upwards. */
  listen(options: ListenOptions = {}): Promise<Deno.HttpServer> {
    const { hostname, signal } = options;
    const first = options.port ?? 8000;
    for (let port = first; port < first + 20; port++) {
      try {
        return Promise.resolve(Deno.serve({ port, hostname, signal }, this.handler()));
      } catch (cause) {
        if (!(cause instanceof Deno.errors.AddrInUse) || port === first + 19) throw cause;
      }
    }
    throw new Error("No free port was found");
  }

  async #answer(
    { built, tables }: Ready<State>,
    req: Request,
    info: Deno.ServeHandlerInfo,
  ): Promise<Response> {
    const url = publicUrl(req, this.config.trustProxy);
    const found = find(tables, url.pathname, req.method);
    const target: Covered = found.route ?? { pattern: url.pathname, folder: null };
    const backing: Backing<State> = {
      config: this.config,
      info,
      built,
      render: (ctx, vnode, init, layouts) =>
        renderInside(ctx, vnode, { init, components: this.#around(tables, target, layouts) }),
    };
    const ctx = new Context<State>(req, url, emptyState(), backing);
    ctx.params = found.params;
    ctx.route = found.route?.pattern ?? null;
    let response: Response;
    try {
      const chain = found.route?.chain ??
        tables.middleware.filter(({ place }) => covers(place, target)).flatMap(({ fns }) => fns);
      response = await runChain(ctx, chain, () => this.#end(tables, ctx, found));
    } catch (thrown) {
      response = await this.#answerError(tables, ctx, target, thrown);
    }
    return finish(ctx, response);
  }

  /** What stands after all middleware: the route, or the reason why there is none. */
  async #end(tables: Tables<State>, ctx: Context<State>, found: Found<State>): Promise<Response> {
    if (found.route === null) {
      if (this.#notFound) return await this.#notFound(ctx);
      throw new HttpError(404);
    }
    const { route, method } = found;
    if (method === null) {
      Context.onAnswer(ctx, (headers) => headers.set("allow", found.allow.join(", ")));
      if (ctx.req.method === "OPTIONS") return new Response(null, { status: 204 });
      throw new HttpError(405);
    }
    if (route.file === null) {
      const fns = route.methods.get(method) ?? [];
      return await runChain(ctx, fns, () => Promise.reject(new HttpError(404)));
    }
    const handle = handlerFor(route.file.handler, method);
    const result = handle ? await handle(ctx) : { data: undefined };
    return await this.#show(tables, ctx, { ...route.file, target: route }, result);
  }

  async #show(
    tables: Tables<State>,
    ctx: Context<State>,
    route: { component: Component<State> | null; config: LayoutConfig; target: Covered },
    result: Response | PageResponse<unknown>,
  ): Promise<Response> {
    if (result instanceof Response) return result;
    if (route.component === null) {
      throw new Error(`The route ${ctx.route} returned page data but has no page`);
    }
    ctx.data = result.data;
    const components = [route.component, ...this.#around(tables, route.target, route.config)];
    return await renderPage(ctx, { components, init: { status: result.status, headers: result.headers } });
  }

  #around(tables: Tables<State>, target: Covered, config: LayoutConfig): Component<State>[] {
    const layouts = config.skipInheritedLayouts ? [] : layoutsOf(tables.layouts, target);
    const noShell = config.skipAppWrapper || layouts.some((layout) => layout.config.skipAppWrapper);
    const shell = noShell ? null : tables.appShell ?? this.#shell;
    return [...layouts.map((layout) => layout.component), ...(shell ? [shell] : [])];
  }

  async #answerError(
    tables: Tables<State>,
    ctx: Context<State>,
    target: Covered,
    thrown: unknown,
  ): Promise<Response> {
    const status = thrown instanceof HttpError ? thrown.status : 500;
    const page = errorFor(tables.errors, target, status);
    ctx.error = thrown;
    try {
      if (page) {
        const at: Covered = {
          pattern: page.place.pattern,
          folder: "folder" in page.place ? page.place.folder : null,
        };
        const handle = handlerFor(page.handler, "GET");
        const result = handle ? await handle(ctx) : { data: undefined };
        const sized = result instanceof Response ? result : { ...result, status: result.status ?? status };
        return await this.#show(tables, ctx, { component: page.component, config: {}, target: at }, sized);
      }
    } catch {
      // The error page itself failed; plain text is what is left.
    }
    const text = thrown instanceof HttpError ? thrown.message : "Internal Server Error";
    return ctx.text(text, { status });
  }
}

/** What every request is answered from. */
interface Ready<State> {
  built: Built | null;
  tables: Tables<State>;
}

interface Found<State> {
  route: Route<State> | null;
  /** Method of the handler that answers; null when the route does not take the request's method. */
  method: string | null;
  params: Record<string, string>;
  allow: string[];
}

/** The first match that takes the method; a path without parameters never falls through to one with them. */
function find<State>(tables: Tables<State>, pathname: string, method: string): Found<State> {
  const nothing: Found<State> = { route: null, method: null, params: {}, allow: [] };
  try {
    const matches = tables.matcher.find(pathname.replace(/\/{2,}/g, "/"));
    const first = matches[0];
    if (first === undefined) return nothing;
    const literal = !/[:*]/.test(first.target.pattern);
    const candidates = literal ? [first] : matches;
    for (const { target, params } of candidates) {
      const taken = methodsOf(target);
      const answers = taken.has(method) ? method : method === "HEAD" && taken.has("GET") ? "GET" : null;
      if (answers !== null) return { route: target, method: answers, params, allow: [] };
    }
    const allow = new Set(candidates.flatMap(({ target }) => [...methodsOf(target)]));
    if (allow.has("GET")) allow.add("HEAD");
    return {
      route: first.target,
      method: null,
      params: first.params,
      allow: [...allow.add("OPTIONS")].sort(),
    };
  } catch (cause) {
    if (cause instanceof URIError) return nothing;
    throw cause;
  }
}

function methodsOf<State>(route: Route<State>): Set<string> {
  if (route.file === null) return new Set(route.methods.keys());
  const { handler, component, config } = route.file;
  if (typeof handler === "function") {
    return new Set(Array.isArray(config.methods) ? config.methods : [...METHODS, "OPTIONS"]);
  }
  const methods = new Set(Object.keys(handler ?? {}));
  if (component !== null) methods.add("GET");
  return methods;
}

function handlerFor<State>(
  handler: RouteHandler<unknown, State> | null,
  method: string,
): HandlerFn<unknown, State> | undefined {
  if (handler === null || typeof handler === "function") return handler ?? undefined;
  return Object.entries(handler).find(([name]) => name === method)?.[1];
}

async function runChain<State>(
  ctx: Context<State>,
  fns: Middleware<State>[],
  end: () => Promise<Response>,
): Promise<Response> {
  const step = (index: number): Promise<Response> => {
    const fn = fns[index];
    if (fn === undefined) return end();
    ctx.next = () => step(index + 1);
    return Promise.resolve().then(() => fn(ctx));
  };
  return await step(0);
}

/** A HEAD answer has the headers of GET and no body. */
async function finish<State>(ctx: Context<State>, response: Response): Promise<Response> {
  const answer = Context.finish(ctx, response);
  if (ctx.req.method !== "HEAD" || answer.body === null) return answer;
  await answer.body.cancel();
  return new Response(null, { status: answer.status, headers: answer.headers });
}

function publicUrl(req: Request, trustProxy: boolean): URL {
  const url = new URL(req.url);
  if (!trustProxy) return url;
  const proto = req.headers.get("x-forwarded-proto");
  const host = req.headers.get("x-forwarded-host");
  if (proto === "http" || proto === "https") url.protocol = proto;
  if (host !== null && /^[\w.:[\]-]+$/.test(host)) url.host = host;
  return url;
}

/** Middleware fills the state; its type says what the chain has put there by the time a handler reads it. */
function emptyState<State>(): State {
  return Object.create(null);
}

function rootPath(root: string): string {
  return root.startsWith("/") || /^[A-Za-z]:/.test(root) ? root : `${Deno.cwd()}/${root}`;
}
