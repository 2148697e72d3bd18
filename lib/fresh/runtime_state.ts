/** What the server notes while one page renders; rendering is synchronous, so one page at a time owns it. */
import type { ComponentChildren } from "preact";

export interface Rendering {
  /** Path of the page, for `aria-current` on links. */
  pathname: string;
  /** What `Head` components asked for, in order. */
  head: ComponentChildren[];
}

let rendering: Rendering | null = null;
let build = "";

export function currentRendering(): Rendering | null {
  return rendering;
}

/** Runs `work` with its own notes and puts the former ones back. */
export function withRendering<T>(notes: Rendering, work: () => T): T {
  const former = rendering;
  rendering = notes;
  try {
    return work();
  } finally {
    rendering = former;
  }
}

/** Id of the production build; empty when the app runs from source, and then assets are not locked. */
export function buildId(): string {
  return build;
}

export function setBuildId(id: string): void {
  build = id;
}
