/** Which part of the composer a note of the API is about, by the path of its field. */

/** The drawer holds its field; draft or final is chosen outside of it. */
export function isSetting(path: string): boolean {
  return (path.startsWith("settings.") && path !== "settings.engine") || path === "negativePrompt" ||
    path === "count";
}
