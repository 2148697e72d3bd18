/** One request on its way through middleware, handler and page. */
import type { ComponentChildren, VNode } from "preact";
import type { Built } from "./built.ts";
import type { LayoutConfig, ResolvedFreshConfig } from "./types.ts";

/** How the app answers for a context; handed in so that this file knows nothing of routing. */
export interface Backing<State> {
  config: ResolvedFreshConfig;
  info: Deno.ServeHandlerInfo;
  /** The browser side; null where there is none. */
  built: Built | null;
  render(
    ctx: Context<State>,
    vnode: VNode,
    init: ResponseInit,
    layouts: LayoutConfig,
  ): Promise<Response>;
}

export type StreamChunk = string | Uint8Array;

/** Runs on whatever the app answers in the end, error pages included. */
export type Finisher = (headers: Headers, status: number) => void;

export class Context<State> {
  readonly req: Request;
  readonly url: URL;
  /** Shared by everything that handles this request: assign to its properties. */
  readonly state: State;
  readonly config: ResolvedFreshConfig;
  readonly info: Deno.ServeHandlerInfo;
  /** Partial page updates are not offered by this layer. */
  readonly isPartial: boolean = false;
  params: Record<string, string> = {};
  /** Pattern of the route that matched, or null. */
  route: string | null = null;
  /** What was thrown, on an error page. */
  error: unknown = null;
  data: unknown = undefined;
  /** What a layout or the app wraps. */
  Component: () => ComponentChildren = () => null;
  next: () => Promise<Response>;
  readonly #backing: Backing<State>;
  readonly #finishers: Finisher[] = [];

  constructor(req: Request, url: URL, state: State, backing: Backing<State>) {
    this.req = req;
    this.url = url;
    this.state = state;
    this.config = backing.config;
    this.info = backing.info;
    this.#backing = backing;
    this.next = () => Promise.reject(new Error("There is nothing after this handler"));
  }

  /** Renders markup inside the layouts and the app shell of the current route. */
  render(vnode: VNode, init: ResponseInit = {}, layouts: LayoutConfig = {}): Promise<Response> {
    return this.#backing.render(this, vnode, init, layouts);
  }

  /** A path stays on this site whatever it holds: leading slashes and backslashes collapse to one slash. */
  redirect(to: string, status = 302): Response {
    let location = to;
    if (/^[/\\]/.test(to)) {
      const cut = to.search(/[?#]/);
      const path = cut === -1 ? to : to.slice(0, cut);
      location = path.replace(/[/\\]{2,}|^\\/g, "/") + (cut === -1 ? "" : to.slice(cut));
    }
    return new Response(null, { status, headers: { location } });
  }

  text(content: string, init?: ResponseInit): Response {
    return answer(content, "text/plain; charset=utf-8", init);
  }

  html(content: string, init?: ResponseInit): Response {
    return answer(content, "text/html; charset=utf-8", init);
  }

  json(content: unknown, init?: ResponseInit): Response {
    return Response.json(content, init);
  }

  /** Sends chunks as they come; the source is told when the reader goes away. */
  stream(
    source: AsyncIterable<StreamChunk> | Iterable<StreamChunk> | (() => AsyncIterable<StreamChunk>),
    init?: ResponseInit,
  ): Response {
    const chunks = typeof source === "function" ? source() : source;
    const encoder = new TextEncoder();
    async function* encode() {
      for await (const chunk of chunks) yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    }
    return new Response(ReadableStream.from(encode()), init);
  }

  upgrade(options?: Deno.UpgradeWebSocketOptions): { socket: WebSocket; response: Response } {
    return Deno.upgradeWebSocket(this.req, options);
  }

  /** For middleware of the layer: headers that must also stand on error pages. */
  static onAnswer<S>(ctx: Context<S>, finisher: Finisher): void {
    ctx.#finishers.push(finisher);
  }

  /** For the layer: scripts and assets of the app. */
  static builtOf<S>(ctx: Context<S>): Built | null {
    return ctx.#backing.built;
  }

  /** The answer with the headers of every finisher. */
  static finish<S>(ctx: Context<S>, response: Response): Response {
    if (ctx.#finishers.length === 0 || response.status === 101) return response;
    const headers = new Headers(response.headers);
    for (const finisher of ctx.#finishers) finisher(headers, response.status);
    return new Response(response.body, {
      status: response.status,
      statusText: response.statusText,
      headers,
    });
  }
}

function answer(content: string, type: string, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  if (!headers.has("content-type")) headers.set("content-type", type);
  return new Response(content, { ...init, headers });
}
