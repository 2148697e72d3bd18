/** `fresh/runtime`: the part that pages, components and islands may import, on the server and in the browser. */
import { type ComponentChildren, Fragment, h, type VNode } from "preact";
import { LOCK } from "./payload.ts";
import { buildId, currentRendering } from "./runtime_state.ts";

export { HttpError } from "./error.ts";

/** True in the browser: guards code that needs the page. */
export const IS_BROWSER = typeof document !== "undefined" && typeof Deno === "undefined";

/** The address of a static file with the build's id, so that it may be cached for a year. */
export function asset(path: string): string {
  const id = buildId();
  if (id === "" || !path.startsWith("/") || path.startsWith("//") || path.includes(`${LOCK}=`)) return path;
  const cut = path.indexOf("#");
  const bare = cut === -1 ? path : path.slice(0, cut);
  const anchor = cut === -1 ? "" : path.slice(cut);
  return `${bare}${bare.includes("?") ? "&" : "?"}${LOCK}=${id}${anchor}`;
}

/** The same for every candidate of a `srcset`. */
export function assetSrcSet(srcset: string): string {
  if (srcset.includes("(")) return srcset;
  return srcset.split(",").map((candidate) => {
    const [url = "", ...size] = candidate.trim().split(/\s+/);
    return [asset(url), ...size].join(" ");
  }).join(", ");
}

export interface HeadProps {
  children?: ComponentChildren;
}

/** Puts its children into the page's `<head>`; a later element replaces an earlier one of the same name or key. */
export function Head({ children }: HeadProps): null {
  currentRendering()?.head.push(children);
  return null;
}

export interface PartialProps {
  name: string;
  mode?: "replace" | "prepend" | "append";
  children?: ComponentChildren;
}

/** Renders its children: partial updates are not offered by this layer. */
export function Partial({ children }: PartialProps): VNode {
  return h(Fragment, null, children);
}
