/** Versions of templates, which live side by side: which is newer, which comes next, and the newest of each. */
import type { Template } from "../template.ts";

/** Below 0 when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  return [0, 1, 2].map((n) => (left?.[n] ?? 0) - (right?.[n] ?? 0)).find((difference) => difference !== 0) ??
    0;
}

/** What a changed template is called: its form is the same, so the first number stays. */
export function nextVersion(version: string): string {
  const [major = 1, minor = 0] = version.split(".").map(Number);
  return `${major}.${minor + 1}.0`;
}

/** The newest version of each template, by id. */
export function newest(templates: readonly Template[]): Template[] {
  const found = new Map<string, Template>();
  for (const template of templates) {
    const { id, version } = template.manifest;
    const known = found.get(id)?.manifest.version;
    if (known === undefined || compareVersions(version, known) > 0) found.set(id, template);
  }
  return [...found.values()].sort((a, b) => a.manifest.id < b.manifest.id ? -1 : 1);
}

/** The version that a template has by now; null where it is no newer than this one. */
export function newerVersion(
  templates: readonly Template[],
  { name, version }: { name: string; version: string },
): string | null {
  const now = newest(templates).find(({ manifest }) => manifest.id === name)?.manifest.version;
  return now !== undefined && compareVersions(now, version) > 0 ? now : null;
}
