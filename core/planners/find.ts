/** Which template a request means. */
import type { Template } from "../template.ts";
import { compareVersions } from "../workflow/versions.ts";

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
