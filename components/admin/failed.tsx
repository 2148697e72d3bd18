/** Films that failed, one by one: whose, when, where and why, and the ways to look closer. */
import type { ShownFailedFilm } from "@/core/shown_admin.ts";
import { failed as words } from "@/core/words/failed.ts";
import { when } from "@/core/words/format.ts";

export interface FailedFilmsProps {
  films: ShownFailedFilm[];
  /** What operators call each server. */
  names: Map<string, string>;
  now: number;
  action: string;
}

export function FailedFilms({ films, names, now, action }: FailedFilmsProps) {
  return (
    <ul class="plain servers">
      {films.map((film) => (
        <li key={film.id} class="panel">
          <div class="row">
            <h2>{film.title || words.untitled}</h2>
            <Retry film={film} action={action} />
          </div>
          <p class="small second">
            {film.owner} · {when(Date.parse(film.endedAt), now)} · {placeOf(film, names)}
          </p>
          <p class="small">{film.message}</p>
          <p class="small mono">{film.cause}</p>
          <p class="small row">
            <a href={`/admin/logs?id=${film.id}`}>{words.log}</a>
            <a href={`/admin/actors/${film.id}`}>{words.actor}</a>
          </p>
        </li>
      ))}
    </ul>
  );
}

function Retry({ film, action }: { film: ShownFailedFilm; action: string }) {
  return (
    <form method="post" action={action} class="push">
      <input type="hidden" name="id" value={film.id} />
      <button type="submit" class="btn slim">
        {words.retry} <span class="unseen">{words.of(film.title || words.untitled)}</span>
      </button>
    </form>
  );
}

function placeOf({ step, backendId }: ShownFailedFilm, names: Map<string, string>): string {
  const server = backendId === null ? words.studio : names.get(backendId) ?? words.gone;
  return step === null ? server : words.on(step, server);
}
