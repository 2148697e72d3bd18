/** Finds the islands of a page and turns what the server rendered inside them, their slots, back into elements. */
import { type ComponentChildren, type ComponentType, h, type VNode } from "preact";
import { isComment, isElement, nodesOf, type Range, rangeFrom } from "./client_range.ts";
import { ISLAND, SLOT, TEMPLATE_ID } from "./payload.ts";

type Props = Record<string, unknown>;

export interface Island {
  name: string;
  index: number;
  key: string | undefined;
  range: Range;
}

/** Content of every slot of the page, by number. */
const slots = new Map<number, ComponentChildren>();
let describeTemplate: (id: number) => ComponentChildren = () => null;

/** What an island got as children: the markup that the server made, now elements. */
export function SlotView({ id }: { id: number }): ComponentChildren {
  if (!slots.has(id)) slots.set(id, describeTemplate(id));
  return slots.get(id);
}

export class PageIslands {
  readonly #components: Map<string, ComponentType<Props>>;
  readonly #props: Props[];

  constructor(components: Map<string, ComponentType<Props>>, props: Props[]) {
    this.#components = components;
    this.#props = props;
    describeTemplate = (id) => {
      const template = document.getElementById(`${TEMPLATE_ID}${id}`);
      if (!(template instanceof HTMLTemplateElement)) return null;
      return this.#describe([...template.content.childNodes]);
    };
  }

  /** The outermost islands below a node, in order. Those in slots belong to their island. */
  find(root: Node): Island[] {
    const found: Island[] = [];
    for (let node = root.firstChild; node; node = node.nextSibling) {
      if (isElement(node)) found.push(...this.find(node));
      if (!isComment(node) || !node.data.startsWith(`${ISLAND}:`)) continue;
      const island = islandAt(node);
      if (island === null) continue;
      found.push(island);
      node = island.range.end;
    }
    return found;
  }

  /** The island as an element with its props; null when its script did not load. */
  elementOf({ name, index, key, range }: Island): VNode | null {
    const component = this.#components.get(name);
    if (!component) return null;
    this.#readSlots(nodesOf(range));
    return h(component, { ...this.#props[index], key });
  }

  #readSlots(nodes: Node[]): void {
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at];
      if (!node) continue;
      if (isElement(node)) this.#readSlots([...node.childNodes]);
      if (!isComment(node) || !node.data.startsWith(`${SLOT}:`)) continue;
      const range = rangeFrom(node);
      if (range === null) continue;
      const id = Number(node.data.slice(SLOT.length + 1));
      if (!slots.has(id)) slots.set(id, this.#describe(nodesOf(range)));
      at = nodes.indexOf(range.end);
    }
  }

  #describe(nodes: ChildNode[]): ComponentChildren[] {
    const described: ComponentChildren[] = [];
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at];
      if (!node) continue;
      if (node.nodeType === 3) described.push(node.textContent);
      else if (isElement(node)) described.push(this.#describeElement(node));
      else if (isComment(node) && node.data.startsWith(`${ISLAND}:`)) {
        const island = islandAt(node);
        if (island === null) continue;
        described.push(this.elementOf(island) ?? this.#describe(nodesOf(island.range)));
        at = nodes.indexOf(island.range.end);
      } else if (isComment(node) && node.data.startsWith(`${SLOT}:`)) {
        // A slot that an island handed on into the slot of another.
        const range = rangeFrom(node);
        if (range === null) continue;
        described.push(this.#describe(nodesOf(range)));
        at = nodes.indexOf(range.end);
      }
    }
    return described;
  }

  #describeElement(element: Element): ComponentChildren {
    const props: Props = {};
    for (const { name, value } of element.attributes) {
      // What a person typed or ticked before now is the element's own state: the attribute is only where it began.
      if (name === "value" && /^(input|textarea)$/i.test(element.localName)) props.defaultValue = value;
      else if (name === "checked") props.defaultChecked = true;
      else props[name] = typeof Reflect.get(element, name) === "boolean" ? Reflect.get(element, name) : value;
    }
    if (element instanceof HTMLTextAreaElement) {
      return h("textarea", { ...props, defaultValue: element.defaultValue });
    }
    return h(element.localName, props, this.#describe([...element.childNodes]));
  }
}

function islandAt(start: Comment): Island | null {
  const [, , name = "", index, key] = start.data.split(":");
  const range = rangeFrom(start);
  if (range === null) {
    reportError(
      new Error(
        `The island ${name} stands in an element that cannot hold it, so the browser moved its end. It stays as it is`,
      ),
    );
    return null;
  }
  return { name, index: Number(index), key: key || undefined, range };
}
