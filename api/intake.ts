/** Takes an upload in: measures it while it flows, knows it by its signature, and lets nothing half or false through. */
import { fileTypeFromBuffer } from "file-type";
import { fail, StudioError } from "@/core/problem.ts";
import type { Probe } from "@/core/media.ts";
import type { Asset, AssetContent, AssetKind, Studio, StudioSettings } from "./studio.ts";
import { endingOf } from "./names.ts";
import { openUpload, peek } from "./upload_body.ts";

/** Endings of accepted types and what they can hold. A container of both is judged by its streams. */
const ACCEPTED: Record<string, AssetKind[]> = {
  jpg: ["image"],
  png: ["image"],
  webp: ["image"],
  mp4: ["video", "audio"],
  m4v: ["video"],
  mov: ["video", "audio"],
  webm: ["video", "audio"],
  mkv: ["video", "audio"],
  wav: ["audio"],
  mp3: ["audio"],
  flac: ["audio"],
  ogg: ["audio"],
  oga: ["audio"],
  opus: ["audio"],
  m4a: ["audio"],
  aac: ["audio"],
};

/** What a name promises; the names of signatures plus usual other spellings. */
const PROMISES: Record<string, AssetKind[]> = {
  ...ACCEPTED,
  jpeg: ["image"],
  gif: ["image"],
  bmp: ["image"],
  avi: ["video"],
  ogv: ["video"],
};

/** Enough for every signature that is accepted, tags in front of MP3 data excepted. */
const SNIFF_BYTES = 4100;

/** Refuses before a byte is read what its own header says is empty or too large. */
export function announcedBytes(header: string | undefined, settings: StudioSettings): number | null {
  if (header === undefined) return null;
  const bytes = Number(header);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw fail("request.malformed");
  if (bytes === 0) {
    throw fail("asset.empty", { fields: [{ path: "content", message: "The file is empty." }] });
  }
  if (bytes > settings.uploadBytesMax) throw tooLarge(settings);
  return bytes;
}

function tooLarge(settings: StudioSettings) {
  const megabytes = Math.floor(settings.uploadBytesMax / 1_048_576);
  return fail("asset.too_large", {
    detail: { megabytesMax: megabytes },
    fields: [{ path: "content", message: `The largest upload is ${megabytes} MB.` }],
  });
}

/**
 * Takes a body in, finds out what it is, and only then gives it its name: a refused one never was where the same bytes of
 * somebody else may lie. Nothing is left behind when it is refused.
 */
export async function takeIn(
  studio: Studio,
  asset: Asset,
  body: { stream: ReadableStream<Uint8Array>; announced: number | null },
): Promise<AssetContent> {
  using upload = openUpload(body.stream, studio);
  try {
    const { head, pieces } = await peek(upload, SNIFF_BYTES);
    const type = await judgeSignature(head, asset);
    const counted = count(pieces, { announced: body.announced, settings: studio.settings });
    const bytesMax = studio.settings.uploadBytesMax;
    const staged = await studio.files.receive(counted, { ext: type.ext, bytesMax });
    try {
      const probe = await studio.probe(staged);
      judgeContent(probe, type.kinds, asset);
      const thumbnail = await studio.thumbnail(staged, probe.kind);
      await staged.keep();
      const { name, sha256, ext, bytes } = staged;
      const mime = probe.kind === "audio" ? type.mime.replace(/^video\//, "audio/") : type.mime;
      return { file: { name, sha256, ext, bytes }, kind: probe.kind, mime, probe, thumbnail };
    } catch (cause) {
      await staged.drop();
      throw named(cause);
    }
  } finally {
    await upload.leave();
  }
}

/** What the media engine cannot read is the file's fault, so the refusal names the file. */
function named(cause: unknown): unknown {
  if (!(cause instanceof StudioError) || cause.problem.fields !== undefined) return cause;
  const { code, message } = cause.problem;
  if (!code.startsWith("asset.")) return cause;
  const damaged = "The file is damaged, or of a form that is not known here.";
  const fields = [{ path: "content", message: code === "asset.unreadable" ? damaged : message }];
  return new StudioError({ ...cause.problem, fields });
}

async function judgeSignature(
  head: Uint8Array,
  asset: Asset,
): Promise<{ ext: string; mime: string; kinds: AssetKind[] }> {
  if (head.byteLength === 0) {
    throw fail("asset.empty", { fields: [{ path: "content", message: "The file is empty." }] });
  }
  const type = await fileTypeFromBuffer(head);
  if (isHeic(head) || type?.mime === "image/heic" || type?.mime === "image/heif") {
    throw fail("asset.heic", { fields: [{ path: "content", message: "HEIC pictures are not accepted." }] });
  }
  const kinds = type ? ACCEPTED[type.ext] : undefined;
  if (type === undefined || kinds === undefined) {
    throw fail("asset.type_refused", {
      fields: [{
        path: "content",
        message: "Accepted are JPEG, PNG, WebP, MP4, MOV, WebM, MKV, WAV, MP3, FLAC, OGG, M4A.",
      }],
    });
  }
  const promised = PROMISES[endingOf(asset.name)];
  if (promised && !promised.some((kind) => kinds.includes(kind))) {
    throw fail("asset.type_refused", {
      message: `The file is not what its name says: it holds ${kinds[0]} data.`,
      fields: [{ path: "name", message: `The content is ${type.mime}.` }],
    });
  }
  return { ext: type.ext, mime: type.mime, kinds };
}

/** iPhones write HEIC under many brands; all of them stand after `ftyp`. */
function isHeic(head: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(head.subarray(4, 40));
  return text.startsWith("ftyp") && /^ftyp(heic|heix|hevc|hevx|heim|heis|hevm|hevs|mif1|msf1)/.test(text) &&
    !text.includes("avif");
}

function judgeContent(probe: Probe, kinds: AssetKind[], asset: Asset): void {
  if (!kinds.includes(probe.kind)) {
    throw fail("asset.unreadable", {
      fields: [{ path: "content", message: `The file holds no ${kinds[0]} that can be read.` }],
    });
  }
  if (asset.wanted !== null && asset.wanted !== probe.kind) {
    throw fail("asset.wrong_kind", {
      fields: [{ path: "kind", message: `The file is ${probe.kind}, not ${asset.wanted}.` }],
    });
  }
}

/** Fails, and with it the storing, when more bytes come than allowed or fewer than announced. */
async function* count(
  pieces: AsyncGenerator<Uint8Array>,
  { announced, settings }: { announced: number | null; settings: StudioSettings },
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const piece of pieces) {
    seen += piece.byteLength;
    if (seen > settings.uploadBytesMax) throw tooLarge(settings);
    yield piece;
  }
  if (announced !== null && seen < announced) {
    throw fail("asset.truncated", {
      detail: { announcedBytes: announced, receivedBytes: seen },
      fields: [{ path: "content", message: "Fewer bytes arrived than were announced." }],
    });
  }
}
