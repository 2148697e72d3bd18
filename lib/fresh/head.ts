/** Joins what `Head` components asked for with the head of the app shell: one title, one tag per name. */
import { type ComponentChildren, isValidElement, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";

/** The document with the collected elements before `</head>`; elements that they replace are gone. */
export function joinHead(html: string, collected: ComponentChildren[]): string {
  const end = html.indexOf("</head>");
  if (end === -1 || collected.length === 0) return html;
  let head = html.slice(0, end);
  const wanted = new Map<string, VNode>();
  for (const [index, vnode] of flatten(collected).entries()) {
    const name = identityOf(vnode);
    const key = vnode.key !== null && vnode.key !== undefined ? `key:${vnode.key}` : name ?? `n:${index}`;
    wanted.delete(key);
    wanted.set(key, vnode);
    if (name !== null) head = withoutTag(head, vnode);
  }
  return head + [...wanted.values()].map((vnode) => renderToString(vnode)).join("") + html.slice(end);
}

function flatten(children: ComponentChildren): VNode<Record<string, unknown>>[] {
  if (Array.isArray(children)) return children.flatMap(flatten);
  return isElement(children) ? [children] : [];
}

function isElement(child: ComponentChildren): child is VNode<Record<string, unknown>> {
  return isValidElement(child);
}

const NAMING = ["charset", "charSet", "name", "property", "http-equiv", "itemprop"];

/** What makes two head elements the same: the title, or a meta's name. Null where several may stand. */
function identityOf(vnode: VNode<Record<string, unknown>>): string | null {
  if (vnode.type === "title" || vnode.type === "base") return vnode.type;
  if (vnode.type === "meta") {
    const attribute = NAMING.find((name) => vnode.props[name] !== undefined);
    return attribute ? `meta:${attribute.toLowerCase()}=${vnode.props[attribute]}` : null;
  }
  if (vnode.type === "link") return `link:${vnode.props.rel}:${vnode.props.href}:${vnode.props.media ?? ""}`;
  return null;
}

function withoutTag(head: string, vnode: VNode<Record<string, unknown>>): string {
  if (vnode.type === "title") return head.replace(/<title[^>]*>[\s\S]*?<\/title>/, "");
  if (vnode.type === "base") return head.replace(/<base[^>]*>/, "");
  const names = vnode.type === "meta" ? NAMING : ["rel", "href"];
  const wanted = names.filter((name) => vnode.props[name] !== undefined)
    .map((name) => `${name.toLowerCase()}="${escapeAttribute(String(vnode.props[name]))}"`);
  return head.replace(
    new RegExp(`<${String(vnode.type)}\\b[^>]*>`, "g"),
    (tag) => wanted.every((part) => tag.toLowerCase().includes(part.toLowerCase())) ? "" : tag,
  );
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
