/** The page of one job: the film, its parts, its way, and what can be done now. Every action is a form that needs no script. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { commandOf } from "@/components/job/commands.ts";
import type { DeskStart } from "@/components/job/desk.ts";
import type { Look } from "@/components/job/face.ts";
import { Gone } from "@/components/job/gone.tsx";
import type { Made } from "@/components/job/about.tsx";
import { type Refusal, refusalOf } from "@/components/job/refusal.ts";
import type { Preset } from "@/components/job/retake.tsx";
import { tabTitle } from "@/components/job/view.ts";
import type { ShownAsset, ShownJob, ShownJobDetail } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { JobStatus } from "@/islands/JobStatus.tsx";
import { ask } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import type { State } from "../../(_shared)/state.ts";

interface Data extends DeskStart {
  made: Made[];
  presets: Preset[];
  now: number;
}

/** Without scripts a page of an unfinished job is read again after so many seconds. */
const AGAIN_S = "5";

export const handler = define.handlers({
  async GET(ctx) {
    const job = await findJob(ctx);
    if (job === null) return page<Data | null>(null, { status: 404 });
    const { searchParams } = ctx.url;
    const start = { job, look: lookOf(searchParams), retake: searchParams.get("retake"), refusal: null };
    return page<Data | null>(await fill(ctx, start));
  },
  async POST(ctx) {
    const job = await findJob(ctx);
    if (job === null) return page<Data | null>(null, { status: 404 });
    const form = await ctx.req.formData();
    const command = commandOf(job, form, ctx.state.studio.drawSeed);
    if (command === null) return ctx.redirect(`/jobs/${job.id}`, 303);
    const answer = await ask<Partial<ShownJob>>(ctx, command.path, { method: "POST", body: command.body });
    if (answer.ok) return ctx.redirect(`/jobs/${answer.body.id ?? job.id}`, 303);
    const entered = [...form].flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []);
    const refusal: Refusal = { ...refusalOf(answer.problem), entered: Object.fromEntries(entered) };
    const retake = form.get("do") === "retake" ? String(form.get("step")) : null;
    const start = { job: await findJob(ctx) ?? job, look: null, retake, refusal };
    return page<Data | null>(await fill(ctx, start), { status: answer.status });
  },
});

type Asking = Context<State>;

async function findJob(ctx: Asking): Promise<ShownJobDetail | null> {
  const answer = await ask<ShownJobDetail>(ctx, `/api/jobs/${encodeURIComponent(ctx.params.id ?? "")}`);
  return answer.ok ? answer.body : null;
}

async function fill(ctx: Asking, start: DeskStart): Promise<Data> {
  const made = await Promise.all(start.job.assets.map(async ({ role, used, assetId }) => {
    const answer = await ask<ShownAsset>(ctx, `/api/assets/${assetId}`);
    return { role, used, asset: answer.ok ? answer.body : null };
  }));
  return { ...start, made, presets: [], now: ctx.state.studio.clock.now() };
}

/** `?take=chunk-002.1`, or `?look=kept`. */
function lookOf(query: URLSearchParams): Look {
  const look = query.get("look");
  if (look === "kept" || look === "live") return look;
  const [, step, take] = query.get("take")?.match(/^(.{1,64})\.(\d{1,4})$/) ?? [];
  return step === undefined ? null : { step, take: Number(take) };
}

export default define.page<typeof handler>(({ data }) => {
  if (data === null) return <Gone />;
  const { job } = data;
  return (
    <>
      <Head>
        <title>{tabTitle(job)}</title>
        {!isTerminal(job.status) && data.retake === null && (
          <noscript>
            <meta http-equiv="refresh" content={AGAIN_S} />
          </noscript>
        )}
      </Head>
      <main class="room job">
        <JobStatus {...data} />
      </main>
    </>
  );
});
