/** The types that routes, pages and middleware are written against; names and shapes are those of Fresh 2. */
import type { ComponentChildren } from "preact";
import type { Context } from "./context.ts";

export interface FreshConfig {
  /** Folder that holds `routes/` and `static/`; the working directory when left out. */
  root?: string;
  basePath?: string;
  mode?: "development" | "production";
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host` of a proxy in front. */
  trustProxy?: boolean;
}

export interface ResolvedFreshConfig {
  readonly root: string;
  readonly basePath: string;
  readonly mode: "development" | "production";
  readonly trustProxy: boolean;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";

export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;
export type MiddlewareFn<State> = Middleware<State>;
export type FreshContext<State = unknown> = Context<State>;

/** What a handler returns to have the page of its file rendered with data. */
export interface PageResponse<Data> {
  data: Data;
  status?: number;
  headers?: HeadersInit;
}

type Answer<Data> = Response | PageResponse<Data>;
export type HandlerFn<Data, State> = (ctx: Context<State>) => Answer<Data> | Promise<Answer<Data>>;
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

/** The data that the handlers of a route hand to its page. */
export type RouteData<Handler> = Handler extends HandlerFn<infer Data, never> ? Data
  : Handler extends HandlerByMethod<infer Data, never> ? Data
  : never;

export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    "config" | "url" | "req" | "params" | "info" | "state" | "isPartial" | "Component" | "error" | "route"
  >
  & { data: Data };

/** A function component, or an async one, which may also answer with a Response of its own. */
export type AnyComponent<Props> = (
  props: Props,
) => ComponentChildren | Response | Promise<ComponentChildren | Response>;

export interface LayoutConfig {
  /** Leave out the layouts of the folders above. */
  skipInheritedLayouts?: boolean;
  /** Leave out `_app.tsx`. */
  skipAppWrapper?: boolean;
}

export interface RouteConfig extends LayoutConfig {
  /** URL pattern in place of the one that the file's path gives. */
  routeOverride?: string;
  methods?: "ALL" | Method[];
}

export interface Define<State> {
  handlers<Data, Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>>(
    handlers: Handlers,
  ): Handlers;
  page<
    Handler extends RouteHandler<unknown, State> = never,
    Data = Handler extends HandlerFn<infer D, State> ? D
      : Handler extends HandlerByMethod<infer D, State> ? D
      : never,
  >(component: AnyComponent<PageProps<Data, State>>): AnyComponent<PageProps<Data, State>>;
  layout(component: AnyComponent<PageProps<unknown, State>>): AnyComponent<PageProps<unknown, State>>;
  middleware<M extends Middleware<State> | Middleware<State>[]>(middleware: M): M;
}

/** A component as the layer holds it: which data and state it takes was checked where it was defined. */
export type Component<State> = AnyComponent<PageProps<never, State>>;

/** What a file of `routes/` may export. */
export interface RouteModule<State> {
  default?: Component<State>;
  handler?: RouteHandler<unknown, State>;
  handlers?: RouteHandler<unknown, State>;
  config?: RouteConfig;
}
