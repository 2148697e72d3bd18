/** Which template a request means. */
import type { Template } from "../template.ts";

/**
 * The template of a mode and submode: the one that is named, else the newest version of the first by name. A mode never
 * falls back to another one's template.
 */
export function findTemplate(
  templates: Template[],
  of: { mode: string; submode: string | null; template?: string },
): Template | undefined {
  const fitting = templates.filter(({ manifest }) =>
    manifest.mode === of.mode && manifest.submode === of.submode &&
    (of.template === undefined ? manifest.chosen !== "by_name" : manifest.id === of.template)
  );
  return fitting.sort((a, b) =>
    a.manifest.id === b.manifest.id
      ? compareVersions(b.manifest.version, a.manifest.version)
      : a.manifest.id < b.manifest.id
      ? -1
      : 1
  )[0];
}

/** Below 0 when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  return [0, 1, 2].map((n) => (left?.[n] ?? 0) - (right?.[n] ?? 0)).find((difference) => difference !== 0) ??
    0;
}
