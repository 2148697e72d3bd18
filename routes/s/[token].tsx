/** What a link shows: one film in the browser's own player, with title and length, and nothing else of the person. */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { Door } from "@/components/door.tsx";
import { Header } from "@/components/header.tsx";
import type { ShownShared } from "@/core/shown_shares.ts";
import { dayOf } from "@/core/words/format.ts";
import { errors } from "@/core/words/errors.ts";
import { share } from "@/core/words/share.ts";
import { shell } from "@/core/words/shell.ts";
import { ask } from "../(_shared)/ask.ts";
import { define } from "../(_shared)/define.ts";

/** Its address is a secret: no search engine, no cache and no other site is to learn it. */
const HIDDEN = {
  "x-robots-tag": "noindex",
  "cache-control": "private, no-store",
  "referrer-policy": "no-referrer",
};

interface Data {
  film: ShownShared | null;
  /** Why there is nothing to see. */
  ended: { title: string; text: string } | null;
  now: number;
}

export const handler = define.handlers({
  async GET(ctx) {
    const answer = await ask<ShownShared>(ctx, `/api/shared/${encodeURIComponent(ctx.params.token ?? "")}`);
    const now = ctx.state.studio.clock.now();
    if (answer.ok) return page<Data>({ film: answer.body, ended: null, now }, { headers: HIDDEN });
    const ended = share.ended[answer.problem.code];
    if (!ended) throw new HttpError(answer.status, answer.problem.title);
    return page<Data>({ film: null, ended, now }, { status: answer.status, headers: HIDDEN });
  },
});

export default define.page<typeof handler>(({ data: { film, ended, now } }) => (
  <>
    <Head>
      <title>{shell.title(film?.title ?? ended?.title ?? "")}</title>
      <meta name="robots" content="noindex" />
    </Head>
    <Header />
    {film === null
      ? (
        <Door title={ended?.title ?? ""} text={ended?.text}>
          <p class="row">
            <a class="btn" href="/">{errors.front}</a>
          </p>
        </Door>
      )
      : <Film film={film} now={now} />}
  </>
));

function Film({ film, now }: { film: ShownShared; now: number }) {
  const { title, draft, seconds, width, height, expiresAt } = film;
  return (
    <main class="room shown">
      <div class="large">
        <Screen film={film} />
      </div>
      <div class="row">
        <h1>{title}</h1>
        {draft && <span class="tag draft">{share.draft}</span>}
        <p class="second small num push">
          {[
            seconds === null ? null : share.length(seconds),
            width !== null && height !== null ? share.pixels(width, height) : null,
          ].filter(Boolean).join(" · ")}
        </p>
      </div>
      {draft && <p class="second small">{share.draftNote}</p>}
      <p class="quiet tiny">{share.openUntil(dayOf(Date.parse(expiresAt), now))}</p>
    </main>
  );
}

function Screen({ film }: { film: ShownShared }) {
  const { mime, title, fileUrl, posterUrl } = film;
  const label = share.watch(title);
  if (mime.startsWith("audio/")) {
    return <audio src={fileUrl} controls preload="metadata" aria-label={label} />;
  }
  const size = { width: film.width ?? undefined, height: film.height ?? undefined };
  if (mime.startsWith("image/")) return <img {...size} src={fileUrl} alt={label} data-fresh-disable-lock />;
  const poster = posterUrl ?? undefined;
  return (
    <video
      {...size}
      src={fileUrl}
      poster={poster}
      controls
      playsInline
      preload="metadata"
      aria-label={label}
    />
  );
}
