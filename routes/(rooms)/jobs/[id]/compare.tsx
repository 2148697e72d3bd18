/** Two takes of a part, or two films that belong together, locked side by side. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { type Choice, choicesOf, pickPair } from "@/components/compare/choices.ts";
import { nameOf } from "@/components/films/view.ts";
import { Icon } from "@/components/icon.tsx";
import { compare as compareIcon } from "@/components/icons.ts";
import { Gone } from "@/components/job/gone.tsx";
import type { ShownJob, ShownJobDetail, ShownPage } from "@/core/shown.ts";
import { job as jobWords } from "@/core/words/job.ts";
import { TAKES_MAX } from "@/core/takes.ts";
import { compare as words } from "@/core/words/player.ts";
import { shell } from "@/core/words/shell.ts";
import { Compare } from "@/islands/Compare.tsx";
import { ask } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";

interface Data {
  job: ShownJobDetail;
  choices: Choice[];
  pair: { a: Choice; b: Choice } | null;
}

const SQUARE = { width: 1, height: 1, rate: { num: 24, den: 1 } };

export const handler = define.handlers({
  async GET(ctx) {
    const answer = await ask<ShownJobDetail>(ctx, `/api/jobs/${encodeURIComponent(ctx.params.id ?? "")}`);
    if (!answer.ok) return page<Data | null>(null, { status: 404 });
    const job = answer.body;
    const choices = choicesOf(job, await relativesOf(job, (path) => ask(ctx, path)));
    const { searchParams } = ctx.url;
    const pair = pickPair(choices, { a: searchParams.get("a"), b: searchParams.get("b") });
    return page<Data | null>({ job, choices, pair });
  },
});

type Asked<Body> = { ok: true; body: Body } | { ok: false };

/** The other jobs of its batch, the job that it was made from, and its final films. */
async function relativesOf(
  { id, batchId, parentId, kin }: ShownJobDetail,
  read: <Body>(path: string) => Promise<Asked<Body>>,
): Promise<ShownJob[]> {
  const batch = batchId === null
    ? null
    : await read<ShownPage<ShownJob>>(`/api/jobs?batch=${batchId}&limit=${TAKES_MAX}`);
  const parent = parentId === null ? null : await read<ShownJob>(`/api/jobs/${parentId}`);
  const finals = await Promise.all(kin.finals.map((final) => read<ShownJob>(`/api/jobs/${final.id}`)));
  return [
    ...(parent?.ok ? [parent.body] : []),
    ...finals.flatMap((final) => final.ok ? [final.body] : []),
    ...(batch?.ok ? batch.body.items : []),
  ].filter((job) => job.id !== id);
}

export default define.page<typeof handler>(({ data }) => {
  if (data === null) return <Gone />;
  const { job, choices, pair } = data;
  const { width, height, rate } = job.film ?? SQUARE;
  return (
    <>
      <Head>
        <title>{shell.title(`${words.title} · ${nameOf(job)}`)}</title>
      </Head>
      <main class="room job">
        <nav class="crumb" aria-label={jobWords.where}>
          <a href={`/jobs/${job.id}`}>{nameOf(job)}</a>
          <span aria-hidden="true">/</span>
          <span>{words.title}</span>
        </nav>
        <h1 class="unseen">{words.title}</h1>
        {pair === null
          ? (
            <div class="empty">
              <Icon of={compareIcon} />
              <p>{words.none}</p>
              <a class="btn" href={`/jobs/${job.id}`}>{words.back}</a>
            </div>
          )
          : (
            <>
              <Compare a={pair.a} b={pair.b} rate={rate} width={width} height={height} />
              <Choosing choices={choices} pair={pair} />
            </>
          )}
      </main>
    </>
  );
});

/** Which two: a plain form. */
function Choosing({ choices, pair }: Pick<Data, "choices"> & { pair: NonNullable<Data["pair"]> }) {
  return (
    <form method="get" class="row choosing">
      {(["a", "b"] as const).map((side) => (
        <label key={side} class="field">
          <span class="label">{side === "a" ? words.first : words.second}</span>
          <select class="input" name={side}>
            {choices.map(({ key, name }) => (
              <option key={key} value={key} selected={key === pair[side].key}>{name}</option>
            ))}
          </select>
        </label>
      ))}
      <button type="submit" class="btn">{words.show}</button>
    </form>
  );
}
