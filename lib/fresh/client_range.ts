/** Ranges between two comments in the page, and the stand-in parent that lets Preact render into one. */
import type { ContainerNode } from "preact";

/** Two comments that are siblings; everything between them belongs together. */
export interface Range {
  start: Comment;
  end: Comment;
}

export function isComment(node: Node): node is Comment {
  return node.nodeType === 8;
}

export function isElement(node: Node): node is Element {
  return node.nodeType === 1;
}

/** The range that a comment opens; null where the browser moved its end out of the parent. */
export function rangeFrom(start: Comment): Range | null {
  let depth = 0;
  for (let node: Node | null = start; node; node = node.nextSibling) {
    if (!isComment(node)) continue;
    if (node.data.startsWith("frsh:")) depth++;
    else if (node.data.startsWith("/frsh:") && --depth === 0) return { start, end: node };
  }
  return null;
}

export function nodesOf({ start, end }: Range): ChildNode[] {
  const nodes: ChildNode[] = [];
  for (let node = start.nextSibling; node && node !== end; node = node.nextSibling) nodes.push(node);
  return nodes;
}

/** What Preact keeps on a container and on elements under private names, stable through version 10. */
interface Rendered {
  __k?: (Rendered | null)[] | Rendered | null;
  __e?: Node | null;
  type?: unknown;
}

/** Looks like an element to Preact, and is the range. */
export function fragmentOf(range: Range): ContainerNode & Rendered {
  const { start, end } = range;
  const parent = start.parentNode ?? document.body;
  /** A place outside of the range, behind its end, means its end. */
  const inside = (place: Node | null) =>
    place !== null && end.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_PRECEDING ? place : end;
  const fragment = {
    nodeType: 1,
    parentNode: parent,
    namespaceURI: isElement(parent) ? parent.namespaceURI : null,
    get firstChild() {
      return start.nextSibling === end ? null : start.nextSibling;
    },
    get childNodes() {
      return nodesOf(range);
    },
    contains: (node: Node | null) => parent.contains(node),
    insertBefore: (node: Node, place: Node | null) => parent.insertBefore(node, inside(place)),
    appendChild: (node: Node) => parent.insertBefore(node, end),
    removeChild: (node: Node) => parent.removeChild(node),
  };
  return fragment;
}

/** Removes what the server rendered on the outermost level and the browser did not take over. */
export function pruneUnowned(range: Range, fragment: Rendered): void {
  const owned = new Set<Node>();
  const collect = (rendered: Rendered | null | undefined) => {
    if (!rendered) return;
    if (typeof rendered.type !== "function") {
      if (rendered.__e) owned.add(rendered.__e);
      return;
    }
    for (const child of [rendered.__k ?? []].flat()) collect(child);
  };
  for (const root of [fragment.__k ?? []].flat()) collect(root);
  for (const node of nodesOf(range)) if (!owned.has(node)) node.remove();
}
