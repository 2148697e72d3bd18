/** One file seen large, with its facts beside it. */
import type { ShownAsset, ShownProject } from "@/core/shown.ts";
import { bytes, clock, when } from "@/core/words/format.ts";
import { library } from "@/core/words/library.ts";
import { Icon } from "../icon.tsx";
import { arrowLeft, download, star, trash, undo } from "../icons.ts";

const { acts, file: words } = library;

export interface FileViewProps {
  file: ShownAsset;
  project: ShownProject | null;
  now: number;
  /** The list that it came from. */
  list: string;
}

export function FileView({ file, project, now, list }: FileViewProps) {
  return (
    <>
      <p class="small">
        <a class="back" href={list}>
          <Icon of={arrowLeft} />
          {words.back}
        </a>
      </p>
      <h1 class="named">{file.name}</h1>
      {file.trashedAt !== null && <p class="note">{words.thrown}</p>}
      <div class="split">
        <div class="large">
          <Content file={file} />
        </div>
        <div class="panel stack">
          <Facts file={file} project={project} now={now} />
          <FileActs file={file} />
        </div>
      </div>
    </>
  );
}

/** Its size stands in the markup, so that nothing moves when it comes. */
function Content({ file: { type, contentUrl, name, width, height } }: { file: ShownAsset }) {
  if (contentUrl === null) return null;
  if (type === "audio") return <audio src={contentUrl} controls preload="metadata" aria-label={name} />;
  const size = { width: width ?? undefined, height: height ?? undefined };
  return type === "video"
    ? <video {...size} src={contentUrl} controls playsInline preload="metadata" aria-label={name} />
    : <img {...size} src={contentUrl} alt={name} data-fresh-disable-lock />;
}

function Facts({ file, project, now }: Pick<FileViewProps, "file" | "project" | "now">) {
  const { type, width, height, durationSeconds, framesPerSecond, hasSound, sizeBytes, createdAt } = file;
  const facts: [string, string | null][] = [
    [words.kind, type && library.kind[type] || null],
    [words.picture, width !== null && height !== null ? words.pixels(width, height) : null],
    [words.length, durationSeconds === null ? null : clock(durationSeconds)],
    [words.rate, framesPerSecond === null ? null : String(Math.round(framesPerSecond * 100) / 100)],
    [words.sound, type === "video" && hasSound ? words.withSound : null],
    [words.size, sizeBytes === null ? null : bytes(sizeBytes)],
    [words.added, when(Date.parse(createdAt), now)],
  ];
  return (
    <dl class="facts num">
      {facts.map(([name, value]) =>
        value !== null && (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        )
      )}
      {project !== null && (
        <>
          <dt>{words.project}</dt>
          <dd>
            <a href={`/projects/${project.id}?show=files`}>{project.name}</a>
          </dd>
        </>
      )}
    </dl>
  );
}

function FileActs({ file: { id, mark, trashedAt, contentUrl, name } }: { file: ShownAsset }) {
  const item = `file:${id}`;
  return (
    <form method="post" class="row">
      {contentUrl !== null && (
        <a class="btn" href={contentUrl} download={name}>
          <Icon of={download} />
          {acts.zip}
        </a>
      )}
      {trashedAt === null
        ? (
          <>
            <button
              type="submit"
              class="btn"
              name="do"
              value={`${mark === "starred" ? "clear" : "star"} ${item}`}
            >
              <Icon of={star} class={mark === "starred" ? "lit" : undefined} />
              {mark === "starred" ? acts.clear : acts.star}
            </button>
            <button type="submit" class="btn bad" name="do" value={`trash ${item}`}>
              <Icon of={trash} />
              {acts.trash}
            </button>
          </>
        )
        : (
          <button type="submit" class="btn" name="do" value={`restore ${item}`}>
            <Icon of={undo} />
            {acts.restore}
          </button>
        )}
    </form>
  );
}
