/** The script of pages with islands: reads what the server rendered and brings each island to life in its place. */
import { computed, signal } from "@preact/signals";
import { type ComponentType, h, render } from "preact";
import { type Island, PageIslands, SlotView } from "./client_islands.ts";
import { fragmentOf, nodesOf, pruneUnowned } from "./client_range.ts";
import { HYDRATED, type Payload, PAYLOAD_ID } from "./payload.ts";
import { readProps } from "./props.ts";
import { setBuildId } from "./runtime_state.ts";

// Islands import these from here, so that the framework is one file and exists once. The build says which name is missing.
export {
  cloneElement,
  Component,
  createContext,
  createElement,
  createRef,
  Fragment,
  h,
  isValidElement,
  options,
  render,
  toChildArray,
} from "preact";
export {
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "preact/hooks";
export { jsx, jsxs } from "preact/jsx-runtime";
export {
  batch,
  computed,
  effect,
  Signal,
  signal,
  untracked,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
export { asset, assetSrcSet, Head, IS_BROWSER, Partial } from "./runtime.ts";

async function start(): Promise<void> {
  const text = document.getElementById(PAYLOAD_ID)?.textContent;
  if (!text) return;
  const payload: Payload = JSON.parse(text);
  setBuildId(payload.b);
  const components = new Map<string, ComponentType<Record<string, unknown>>>();
  await Promise.all(payload.i.map(async ([name, url, exported]) => {
    try {
      components.set(name, (await import(url))[exported]);
    } catch (cause) {
      reportError(new Error(`The island ${name} did not load: ${cause}`, { cause }));
    }
  }));
  const props = readProps(payload.p, {
    Kept: (at) => readProps(payload.c[Number(at)] ?? "", {}),
    Slot: (id) => h(SlotView, { id: Number(id) }),
    Signal: (value) => signal(value),
    Computed: (value) => computed(() => value),
  });
  const page = new PageIslands(components, props);
  for (const island of page.find(document.body)) {
    await turn();
    revive(page, island);
  }
  performance.mark(HYDRATED);
}

/** Lets the browser paint and take input between two islands. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Rendered rather than hydrated, so that attributes that differ in the browser are set. One that fails stays as it was. */
function revive(page: PageIslands, island: Island): void {
  const { name, range } = island;
  const before = nodesOf(range).map((node) => node.cloneNode(true));
  try {
    const vnode = page.elementOf(island);
    if (vnode === null) return;
    const fragment = fragmentOf(range);
    render(vnode, fragment);
    pruneUnowned(range, fragment);
  } catch (cause) {
    for (const node of nodesOf(range)) node.remove();
    range.end.before(...before);
    reportError(new Error(`The island ${name} failed: ${cause}`, { cause }));
  }
}

void start();
