/** For operators: changes a film of anybody that has not ended, as its owner could. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { nameOf } from "@/components/films/view.ts";
import { EDIT_FIELDS, EditForm, type EditValues } from "@/components/queue/edit_form.tsx";
import type { ShownJob } from "@/core/shown.ts";
import type { ShownLiveJob } from "@/core/shown_admin.ts";
import { line as words } from "@/core/words/line.ts";
import { ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { changesOf, startOf } from "../../../(_shared)/edit_job.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../../(_shared)/refused.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  job: ShownJob;
  owner: string;
  presets: Record<string, string>;
  values: EditValues;
  refused: Refused;
  now: number;
}

const BACK = "/admin/queue";
const apiOf = ({ params }: Context<State>) => `/api/admin/jobs/${encodeURIComponent(params.id ?? "")}`;

export const handler = define.handlers({
  async GET(ctx) {
    const { first, ...start } = await readStart(ctx);
    const shown: Shown = { ...start, values: first, refused: NOT_REFUSED };
    return page(shown);
  },

  async POST(ctx) {
    const { first, ...start } = await readStart(ctx);
    const values = { ...first, ...await readFields(ctx.req) };
    const body = changesOf(first, values);
    if (Object.keys(body).length === 0) return ctx.redirect(BACK, 303);
    const answer = await ask(ctx, `${apiOf(ctx)}/edit`, { body });
    if (answer.ok) return ctx.redirect(`${BACK}?name=waiting&done=edit`, 303);
    const shown: Shown = { ...start, values, refused: refusedBy(answer.problem, EDIT_FIELDS) };
    return page(shown, { status: answer.status, headers: headersOf(answer.response) });
  },
});

async function readStart(ctx: Context<State>) {
  const { owner, job } = await read<ShownLiveJob>(ctx, apiOf(ctx));
  return { owner, now: ctx.state.studio.clock.now(), ...await startOf(ctx, job) };
}

export default define.page<typeof handler>(({ data: { job, owner, presets, values, refused, now } }) => (
  <AdminFrame here={BACK} now={now}>
    <h2>{words.edit.title(nameOf(job))}</h2>
    <p class="second small">{words.edit.about(owner)}</p>
    <EditForm
      job={job}
      presets={presets}
      values={values}
      wrong={refused.wrong}
      text={refused.text}
      action={`${BACK}/${job.id}`}
      back={BACK}
    />
  </AdminFrame>
));
