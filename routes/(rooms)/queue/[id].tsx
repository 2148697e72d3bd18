/** Changes a job that has not ended: what has started stays as it was planned. */
import { type Context, HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { nameOf } from "@/components/films/view.ts";
import { EDIT_FIELDS, EditForm, type EditValues, FIGURES } from "@/components/queue/edit_form.tsx";
import type { ShownJob, ShownModes } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { queue } from "@/core/words/queue.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
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

interface Start {
  job: ShownJob;
  presets: Record<string, string>;
  /** The values as they are. */
  first: EditValues;
}

async function readStart(ctx: Context<State>): Promise<Start> {
  const job = await readJob(ctx);
  const { items } = await read<ShownModes>(ctx, "/api/modes", { keep: true });
  const mode = items.find((one) => one.mode === job.mode && one.submode === job.submode);
  const presets = Object.fromEntries((mode?.presets ?? []).map(({ name, title }) => [name, title]));
  return { job, presets, first: valuesOf(job, mode?.defaultPreset ?? "") };
}

/** A job that has ended is changed by taking it again, on its own page. */
async function readJob(ctx: Context<State>): Promise<ShownJob> {
  const job = await read<ShownJob>(ctx, `/api/jobs/${encodeURIComponent(ctx.params.id ?? "")}`);
  if (isTerminal(job.status) || job.trashedAt !== null) throw new HttpError(404);
  return job;
}

/** Settings that the job leaves to its template are not asked for. */
function valuesOf({ title, prompt, negativePrompt, settings }: ShownJob, usual: string): EditValues {
  const { width, height, seconds, frames, seed, preset = usual } = settings;
  const figures = { width, height, seconds, frames };
  const given = Object.entries(figures).flatMap(([name, value]) =>
    value === undefined ? [] : [[`settings.${name}`, String(value)]]
  );
  return {
    title,
    prompt,
    negativePrompt,
    "settings.preset": preset,
    "settings.seed": seed,
    ...Object.fromEntries(given),
  };
}

/** Only what differs, as the API takes it. What is no number goes as it was typed, to be refused by its field. */
function changesOf(before: EditValues, after: EditValues): Record<string, unknown> {
  const changed = EDIT_FIELDS.filter((name) => lines(after[name]) !== lines(before[name]));
  const words = changed.filter((name) => !name.startsWith("settings.")).map((
    name,
  ) => [name, lines(after[name])]);
  const settings = changed.filter((name) => name.startsWith("settings.")).map((name) => {
    const text = (after[name] ?? "").trim();
    const isFigure = FIGURES.some((figure) => figure === name) && text !== "" &&
      Number.isFinite(Number(text));
    return [name.slice("settings.".length), isFigure ? Number(text) : text];
  });
  return {
    ...Object.fromEntries(words),
    ...(settings.length > 0 ? { settings: Object.fromEntries(settings) } : {}),
  };
}

/** Browsers send line ends as two characters. */
function lines(text: string | undefined): string {
  return (text ?? "").replaceAll("\r\n", "\n");
}

export default define.page<typeof handler>(({ data: { job, presets, values, refused } }) => (
  <main class="room">
    <Head>
      <title>{shell.title(queue.edit.title)}</title>
    </Head>
    <h1>{queue.edit.title}</h1>
    <p class="second">{nameOf(job)}</p>
    <EditForm job={job} presets={presets} values={values} wrong={refused.wrong} text={refused.text} />
  </main>
));
