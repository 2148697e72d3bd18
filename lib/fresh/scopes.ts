/** Says what covers a route: middleware, layouts and error pages of the folders and paths above it. */
import type { Component, LayoutConfig, Middleware, RouteHandler } from "./types.ts";

/** Where something was registered: under a URL pattern, or in a folder of `routes/`. */
export type Place = { pattern: string } | { folder: string; pattern: string };

export interface Covered {
  /** URL pattern of the route, or the plain path where no route matched. */
  pattern: string;
  /** Folder in `routes/` for file routes. */
  folder: string | null;
}

/** A folder covers the files in and below it; a pattern covers the paths below it. */
export function covers(place: Place, target: Covered): boolean {
  if ("folder" in place) {
    if (target.folder !== null) {
      return place.folder === "" || target.folder === place.folder ||
        target.folder.startsWith(`${place.folder}/`);
    }
    if (/(^|\/)\(/.test(place.folder)) return false;
  }
  const above = partsOf(place.pattern);
  const below = partsOf(target.pattern);
  return above.length <= below.length &&
    above.every((part, i) => part === "*" || part.startsWith(":") || part === below[i]);
}

function partsOf(pattern: string): string[] {
  return pattern.split("/").filter((part) => part !== "" && part !== "*");
}

export function depthOf(place: Place): number {
  return "folder" in place ? place.folder.split("/").filter(Boolean).length : partsOf(place.pattern).length;
}

export interface PlacedLayout<State> {
  place: Place;
  component: Component<State>;
  config: LayoutConfig;
}

export interface PlacedError<State> {
  place: Place;
  /** Statuses that it answers: `_404` and `_500` name theirs, `_error` takes all. */
  status: number | null;
  handler: RouteHandler<unknown, State> | null;
  component: Component<State> | null;
}

export interface PlacedMiddleware<State> {
  place: Place;
  fns: Middleware<State>[];
}

/** The layouts of a target from the innermost outwards; one that skips those above it ends the list. */
export function layoutsOf<State>(layouts: PlacedLayout<State>[], target: Covered): PlacedLayout<State>[] {
  const inner = layouts.filter((layout) => covers(layout.place, target))
    .sort((a, b) => depthOf(b.place) - depthOf(a.place));
  const last = inner.findIndex((layout) => layout.config.skipInheritedLayouts === true);
  return last === -1 ? inner : inner.slice(0, last + 1);
}

/** The nearest error page that answers this status; the later registered one wins at equal depth. */
export function errorFor<State>(
  errors: PlacedError<State>[],
  target: Covered,
  status: number,
): PlacedError<State> | undefined {
  return errors.filter((page) =>
    covers(page.place, target) && (page.status === null || page.status === status)
  )
    .sort((a, b) =>
      depthOf(a.place) - depthOf(b.place) || Number(b.status === null) - Number(a.status === null)
    )
    .at(-1);
}
