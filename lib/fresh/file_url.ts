/** Turns a local path into a URL that `import()` takes. */

export function toFileUrl(path: string): string {
  const forward = path.replaceAll("\\", "/");
  const absolute = forward.startsWith("/") ? forward : `/${forward}`;
  return `file://${absolute.split("/").map((part) => encodeURIComponent(part)).join("/")}`;
}
