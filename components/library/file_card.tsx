/** A file in a list: its picture, or what stands for a sound, and a line of facts. */
import type { ShownAsset } from "@/core/shown.ts";
import { bytes, clock, when } from "@/core/words/format.ts";
import { library } from "@/core/words/library.ts";
import { Picture } from "../films/picture.tsx";
import { Icon } from "../icon.tsx";
import { film, image, music } from "../icons.ts";

const ICONS = { image, video: film, audio: music };

export function FileCard({ file, now }: { file: ShownAsset; now: number }) {
  const { type, thumbnailUrl, durationSeconds } = file;
  return (
    <a class="card" href={`/library/${file.id}`}>
      <span class="pic">
        {thumbnailUrl === null
          ? <Icon of={ICONS[type ?? "image"]} class="none" />
          : <Picture src={thumbnailUrl} />}
        {durationSeconds !== null && <span class="tag num">{clock(durationSeconds)}</span>}
      </span>
      <p class="cut">{file.name}</p>
      <small class="num">{lineOf(file, now)}</small>
    </a>
  );
}

/** `Picture · 1024 × 1536 · yesterday`. */
function lineOf({ type, width, height, sizeBytes, createdAt }: ShownAsset, now: number): string {
  return [
    type === null ? null : library.kind[type],
    width !== null && height !== null
      ? library.file.pixels(width, height)
      : sizeBytes === null
      ? null
      : bytes(sizeBytes),
    when(Date.parse(createdAt), now),
  ].filter((part) => part !== null).join(" · ");
}
