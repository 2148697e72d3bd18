/** Marks islands while a page renders, and writes down what the browser needs to bring them to life. */
import { computed, Signal } from "@preact/signals";
import { stringify } from "devalue";
import { type ComponentChildren, type ComponentType, Fragment, h, isValidElement, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Built, BuiltIsland } from "./built.ts";
import { inScript, isKept, keptText } from "./kept.ts";
import { ISLAND, type Payload, PAYLOAD_ID, SLOT, TEMPLATE_ID } from "./payload.ts";
import { currentRendering } from "./runtime_state.ts";

type Props = Record<string, unknown>;

/** Stands in the props of an island for markup that it got. */
class SlotRef {
  constructor(readonly id: number) {}
}

interface SlotNote {
  children: ComponentChildren;
  isRendered: boolean;
}

/** What one page has in islands. */
export class IslandNotes {
  readonly #used = new Set<BuiltIsland>();
  readonly #built: Built;
  readonly #instances: { island: BuiltIsland; props: Props }[] = [];
  readonly #slots: SlotNote[] = [];
  /** Depth of islands around the element that is being rendered; inside a slot it begins anew. */
  #depth = 0;
  readonly #outer: number[] = [];

  constructor(built: Built) {
    this.#built = built;
  }

  /** Called before an element is rendered: an island outside of others becomes a marked one. */
  enter(vnode: VNode): void {
    if (vnode.type === IslandView) this.#depth++;
    else if (vnode.type === SlotView) {
      this.#outer.push(this.#depth);
      this.#depth = 0;
      const slot = this.#slots[(vnode as VNode<SlotProps>).props.id];
      if (slot) slot.isRendered = true;
    } else if (this.#depth === 0 && typeof vnode.type === "function") {
      const island = this.#built.islands.get(vnode.type);
      if (island) this.#mark(vnode, island);
    }
  }

  /** Called when an element is rendered. */
  leave(vnode: VNode): void {
    if (vnode.type === IslandView) this.#depth--;
    else if (vnode.type === SlotView) this.#depth = this.#outer.pop() ?? 0;
  }

  #mark(vnode: VNode, island: BuiltIsland): void {
    const given: Props = { ...vnode.props };
    const sent: Props = {};
    for (const [name, value] of Object.entries(given)) {
      if (isMarkup(name, value)) {
        const id = this.#slots.push({ children: value as ComponentChildren, isRendered: false }) - 1;
        given[name] = h(SlotView, { id }, value as ComponentChildren);
        sent[name] = new SlotRef(id);
      } else sent[name] = value;
    }
    this.#used.add(island);
    const index = this.#instances.push({ island, props: sent }) - 1;
    const key = String(vnode.key ?? "").replace(/[:>-]/g, "");
    const marker = `${ISLAND}:${island.name}:${index}:${key}`;
    const component = vnode.type as ComponentType<Props>;
    Object.assign(vnode, { type: IslandView, props: { marker, component, given } });
    this.#depth++;
  }

  /** What stands at the end of the page: templates, the data block and the script that reads it; nothing without islands. */
  renderFoot(): string {
    if (this.#instances.length === 0) return "";
    return this.#renderTemplates() + this.#renderData() + scriptTag(this.#built.boot);
  }

  /** Links that ask for every script at once, before one script asks for the next. */
  preloads(): ComponentChildren[] {
    if (this.#instances.length === 0) return [];
    const urls = new Set([
      this.#built.boot,
      ...[...this.#used].flatMap(({ url, imports }) => [url, ...imports]),
    ]);
    return [...urls].map((href) => h("link", { rel: "modulepreload", href }));
  }

  /** Slots that no island has shown yet; rendering one may bring further islands and slots. */
  #renderTemplates(): string {
    let html = "";
    for (const [id, slot] of this.#slots.entries()) {
      if (slot.isRendered) continue;
      slot.isRendered = true;
      html += `<template id="${TEMPLATE_ID}${id}">${
        renderToString(h(Fragment, null, slot.children))
      }</template>`;
    }
    return html;
  }

  #renderData(): string {
    const kept: object[] = [];
    const payload: Omit<Payload, "c"> = {
      b: this.#built.id,
      i: [...this.#used].map(({ name, url, exported }) => [name, url, exported]),
      p: this.#stringify(kept),
    };
    const json = `${inScript(payload).slice(0, -1)},"c":[${kept.map(keptText).join()}]}`;
    return `<script type="application/json" id="${PAYLOAD_ID}">${json}</script>`;
  }

  /** Gathers what is written beside the props because it was written before. */
  #stringify(kept: object[]): string {
    const place = (value: object) => {
      const at = kept.indexOf(value);
      return at === -1 ? kept.push(value) - 1 : at;
    };
    const reducers = { Kept: (value: unknown) => isKept(value) && [place(value)], ...REDUCERS };
    try {
      return stringify(this.#instances.map(({ props }) => props), reducers);
    } catch (cause) {
      throw notData(this.#instances.map(({ island }) => island.name), cause);
    }
  }
}

const COMPUTED: object = Object.getPrototypeOf(computed(() => 0));

const REDUCERS: Record<string, (value: unknown) => unknown> = {
  Slot: (value) => value instanceof SlotRef && [value.id],
  Computed: (value) => value instanceof Signal && Object.getPrototypeOf(value) === COMPUTED && [value.peek()],
  Signal: (value) => value instanceof Signal && [value.peek()],
  // Markup deeper than a prop cannot be sent: a function in its place is refused together with its path.
  Element: (value) => isElement(value) && (() => {}),
};

/** Names the island and the prop, for whoever wrote the page. */
function notData(names: string[], cause: unknown): Error {
  const path = cause instanceof Error && "path" in cause ? String(cause.path) : "";
  const [, index, prop = ""] = path.match(/^\[(\d+)\]\.?(.*)$/s) ?? [];
  const what = isElement(Object(cause).value) ? "markup below the first level" : Object(cause).message;
  return new TypeError(
    `The island ${names[Number(index)] ?? ""} got something that is not data in its prop "${prop}": ${what}`,
    { cause },
  );
}

function isElement(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Signal) &&
    "type" in value && "props" in value && isValidElement(value);
}

/** Markup is what stands between the tags, and any prop that holds an element or a list with one. */
function isMarkup(name: string, value: unknown): boolean {
  if (value instanceof Signal) return false;
  if (name === "children") return value !== null && value !== undefined && typeof value !== "function";
  return isElement(value) || (Array.isArray(value) && value.some(isElement));
}

export function scriptTag(url: string): string {
  return `<script type="module" src="${url}"></script>`;
}

interface IslandViewProps {
  marker: string;
  component: ComponentType<Props>;
  given: Props;
}

function IslandView({ marker, component, given }: IslandViewProps): VNode {
  return h(Fragment, null, [comment(marker), h(component, given), comment(`/${ISLAND}`)]);
}

interface SlotProps {
  id: number;
  children?: ComponentChildren;
}

function SlotView({ id, children }: SlotProps): VNode {
  return h(Fragment, null, [comment(`${SLOT}:${id}`), children, comment(`/${SLOT}`)]);
}

function comment(text: string): VNode {
  const props: Props = { UNSTABLE_comment: text };
  return h(Fragment, props);
}

/** The notes of the page that is being rendered, if it may have islands. */
export function currentIslands(): IslandNotes | null {
  return currentRendering()?.islands ?? null;
}
