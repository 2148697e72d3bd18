/** Turns a page, its layouts and the app shell into one HTML document. */
import { type ComponentChildren, h, isValidElement, options, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { Context } from "./context.ts";
import { joinHead } from "./head.ts";
import { currentIslands, IslandNotes, scriptTag } from "./islands.ts";
import { asset, assetSrcSet } from "./runtime.ts";
import { currentRendering, type Rendering, withRendering } from "./runtime_state.ts";
import type { Component, PageProps } from "./types.ts";

declare module "preact" {
  interface Options {
    /** Called before an element is compared or rendered; private to Preact, and stable through version 10. */
    __b?(vnode: VNode): void;
  }
}

let hooked = false;

/** Hooks into Preact once, on the first render rather than on import. */
function hookElements(): void {
  if (hooked) return;
  hooked = true;
  const { __b: begin, diffed: end } = options;
  options.__b = (vnode) => {
    if (typeof vnode.type === "string") dress(vnode.type, vnode);
    else currentIslands()?.enter(vnode);
    begin?.(vnode);
  };
  options.diffed = (vnode) => {
    if (typeof vnode.type === "function") currentIslands()?.leave(vnode);
    end?.(vnode);
  };
}

/** Locks assets to the build and marks links to the current page and its ancestors. */
function dress(tag: string, vnode: VNode): void {
  const notes = currentRendering();
  if (notes === null) return;
  const props: Record<string, unknown> = { ...vnode.props };
  if (tag === "a") {
    if (typeof props.href !== "string" || !props.href.startsWith("/")) return;
    if (props["aria-current"] !== undefined) return;
    const path = props.href.split(/[?#]/)[0] ?? "/";
    if (path === notes.pathname) {
      props["data-current"] = "true";
      props["aria-current"] = "page";
    } else if (notes.pathname.startsWith(path.endsWith("/") ? path : `${path}/`)) {
      props["data-ancestor"] = "true";
      props["aria-current"] = "true";
    } else return;
  } else if (tag === "img" || tag === "source") {
    if (props["data-fresh-disable-lock"]) return;
    if (typeof props.src === "string") props.src = asset(props.src);
    if (typeof props.srcset === "string") props.srcset = assetSrcSet(props.srcset);
    if (typeof props.srcSet === "string") props.srcSet = assetSrcSet(props.srcSet);
  } else return;
  Object.assign(vnode, { props });
}

export interface PageParts<State> {
  /** From the innermost, which is the page, outwards; the app shell comes last. */
  components: Component<State>[];
  init: ResponseInit;
}

/** Renders from the page outwards. A component that returns a Response ends it: that is the answer. */
export async function renderPage<State>(ctx: Context<State>, parts: PageParts<State>): Promise<Response> {
  let inner: ComponentChildren = null;
  for (const component of parts.components) {
    const child: ComponentChildren = inner;
    const props: PageProps<never, State> = propsOf(ctx, () => child);
    const made: ComponentChildren | Response = await makeElement(component, props);
    if (made instanceof Response) return made;
    inner = made;
  }
  return renderDocument(ctx, inner, parts.init);
}

/** Renders ready markup inside layouts and shell. */
export async function renderInside<State>(
  ctx: Context<State>,
  vnode: VNode,
  parts: PageParts<State>,
): Promise<Response> {
  return await renderPage(ctx, { ...parts, components: [() => vnode, ...parts.components] });
}

function propsOf<State>(ctx: Context<State>, Component: () => ComponentChildren): PageProps<never, State> {
  const { config, url, req, params, info, state, isPartial, error, route } = ctx;
  const props = { config, url, req, params, info, state, isPartial, error, route, Component };
  return withData(props, ctx.data);
}

/** The data of a page was typed by its handler when the route was defined; here it passes through. */
function withData<State>(
  props: Omit<PageProps<never, State>, "data">,
  data: unknown,
): PageProps<never, State> {
  return Object.assign({ data: neverOf(data) }, props);
}

function neverOf(value: unknown): never {
  return value as never;
}

async function makeElement<State>(
  component: Component<State>,
  props: PageProps<never, State>,
): Promise<ComponentChildren | Response> {
  if (component.constructor.name === "AsyncFunction") return await component(props);
  return h(() => renderNow(component, props), null);
}

/** Plain components run inside the render, so that their hooks work. */
function renderNow<State>(component: Component<State>, props: PageProps<never, State>): ComponentChildren {
  const made = component(props);
  if (made instanceof Response || made instanceof Promise) {
    throw new Error("Only an async component may answer with a Response or wait for something");
  }
  return made;
}

function renderDocument<State>(ctx: Context<State>, inner: ComponentChildren, init: ResponseInit): Response {
  hookElements();
  const built = Context.builtOf(ctx);
  const islands = built && new IslandNotes(built);
  const notes: Rendering = { pathname: ctx.url.pathname, head: [], islands };
  const html = withRendering(notes, () => {
    const body = isValidElement(inner) ? renderToString(inner) : renderToString(h(() => inner, null));
    const foot = (islands?.renderFoot() ?? "") + (built && isDevelopment(ctx) ? scriptTag(built.reload) : "");
    return joinHead(beforeEnd(body, foot), [...notes.head, ...islands?.preloads() ?? []]);
  });
  const headers = new Headers(init.headers);
  if (!headers.has("content-type")) headers.set("content-type", "text/html; charset=utf-8");
  return new Response(`<!DOCTYPE html>${html}`, { status: init.status ?? 200, headers });
}

function isDevelopment<State>({ config }: Context<State>): boolean {
  return config.mode === "development";
}

/** Puts scripts at the end of the body; where there is no body, at the end of all. */
function beforeEnd(html: string, foot: string): string {
  const end = html.lastIndexOf("</body>");
  return end === -1 ? html + foot : html.slice(0, end) + foot + html.slice(end);
}
