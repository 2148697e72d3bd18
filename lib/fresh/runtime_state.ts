/** What the server notes while one page renders; rendering is synchronous, so one page at a time owns it. */
import type { ComponentChildren } from "preact";
import type { IslandNotes } from "./islands.ts";

export interface Rendering {
  /** Path of the page, for `aria-current` on links. */
  pathname: string;
  /** What `Head` components asked for, in order. */
  head: ComponentChildren[];
  /** What the page has in islands; null where the app has no browser side. */
  islands: IslandNotes | null;
}

let rendering: Rendering | null = null;
let build = "";
let mode: "development" | "production" = "production";

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

/** Id of the build; empty for an app without a browser side, and then assets are not locked. */
export function buildId(): string {
  return build;
}

export function setBuildId(id: string): void {
  build = id;
}

/** How apps run that do not say it themselves. */
export function defaultMode(): "development" | "production" {
  return mode;
}

export function setDefaultMode(name: "development" | "production"): void {
  mode = name;
}
