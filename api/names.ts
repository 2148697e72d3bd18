/** Names of files as people see them. None of them ever becomes part of a path. */

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** A name from outside, made fit to show and to save under: no folders, no control or direction marks, not too long. */
export function cleanName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  // deno-lint-ignore no-control-regex
  const plain = last.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "")
    .replace(/[<>:"|?*]/g, "_").replace(/\s+/g, " ").trim().replace(/^\.+/, "").replace(/[. ]+$/, "");
  const cut = shorten(plain, 120);
  if (cut === "") return "file";
  return RESERVED.test(cut) ? `_${cut}` : cut;
}

function shorten(name: string, max: number): string {
  if (name.length <= max) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 10 ? name.slice(dot) : "";
  return name.slice(0, max - ending.length).toWellFormed().replace(/\ufffd$/, "") + ending;
}

/** "Harbour at dusk - 2026-11-21.mp4"; a draft says so. */
export function downloadName(
  job: { title: string; createdAt: number; engine: "draft" | "comfy" },
  options: { ext: string; part?: string },
): string {
  const title = cleanName(job.title || "Untitled").slice(0, 80).trim();
  const day = new Date(job.createdAt).toISOString().slice(0, 10);
  const parts = [
    title,
    day,
    ...(options.part ? [options.part] : []),
    ...(job.engine === "draft" ? ["draft"] : []),
  ];
  return cleanName(`${parts.join(" - ")}.${options.ext}`);
}

const MIMES: Record<string, string> = {
  flac: "audio/flac",
  gif: "image/gif",
  jpg: "image/jpeg",
  json: "application/json",
  m4a: "audio/mp4",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  png: "image/png",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
};

/** Media type of a storage name; unknown endings are plain bytes, which no browser runs. */
export function mimeOf(storageName: string): string {
  return MIMES[endingOf(storageName)] ?? "application/octet-stream";
}

export function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot === -1 ? "" : name.slice(dot + 1).toLowerCase();
}
