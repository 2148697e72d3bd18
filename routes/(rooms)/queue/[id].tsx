/** Changes a job that has not ended: what has started stays as it was planned. */
import { type Context, HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { nameOf } from "@/components/films/view.ts";
import { EDIT_FIELDS, EditForm, type EditValues } from "@/components/queue/edit_form.tsx";
import type { ShownJob } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { queue } from "@/core/words/queue.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { changesOf, startOf } from "../../(_shared)/edit_job.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  job: ShownJob;
  presets: Record<string, string>;
  values: EditValues;
  refused: Refused;
}

export const handler = define.handlers({
  async GET(ctx) {
    const { job, presets, first } = await readStart(ctx);
    const shown: Shown = { job, presets, values: first, refused: NOT_REFUSED };
    return page(shown);
  },

  async POST(ctx) {
    const { job, presets, first } = await readStart(ctx);
    const values = { ...first, ...await readFields(ctx.req) };
    const body = changesOf(first, values);
    if (Object.keys(body).length === 0) return ctx.redirect(`/queue#job-${job.id}`, 303);
    const answer = await ask(ctx, `/api/jobs/${job.id}/edit`, { body });
    if (answer.ok) return ctx.redirect(`/queue#job-${job.id}`, 303);
    const shown: Shown = { job, presets, values, refused: refusedBy(answer.problem, EDIT_FIELDS) };
    return page(shown, { status: answer.status, headers: headersOf(answer.response) });
  },
});

const readStart = async (ctx: Context<State>) => await startOf(ctx, await readJob(ctx));

/** A job that has ended is changed by taking it again, on its own page. */
async function readJob(ctx: Context<State>): Promise<ShownJob> {
  const job = await read<ShownJob>(ctx, `/api/jobs/${encodeURIComponent(ctx.params.id ?? "")}`);
  if (isTerminal(job.status) || job.trashedAt !== null) throw new HttpError(404);
  return job;
}

export default define.page<typeof handler>(({ data: { job, presets, values, refused } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(queue.edit.title)}</title>
    </Head>
    <h1>{queue.edit.title}</h1>
    <p class="second">{nameOf(job)}</p>
    <EditForm
      job={job}
      presets={presets}
      values={values}
      wrong={refused.wrong}
      text={refused.text}
      action={`/queue/${job.id}`}
      back={`/queue#job-${job.id}`}
    />
  </main>
));
