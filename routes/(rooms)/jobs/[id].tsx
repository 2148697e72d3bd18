/** The page of one job: the film, its parts, its way, and what can be done now. Every action is a form that needs no script. */
import { type Context, page } from "fresh";
import { Head } from "fresh/runtime";
import { commandOf } from "@/components/job/commands.ts";
import type { DeskStart } from "@/components/job/desk.ts";
import type { Look } from "@/components/job/face.ts";
import { Gone } from "@/components/job/gone.tsx";
import { type Made, MadeFrom, Settings } from "@/components/job/about.tsx";
import { BeforeAfter, Joins, UnderStrip } from "@/components/job/joins.tsx";
import { Kin } from "@/components/job/kin.tsx";
import { LetGo } from "@/components/job/let_go.tsx";
import { type Refusal, refusalOf } from "@/components/job/refusal.ts";
import { Retake } from "@/components/job/retake.tsx";
import { isWaiting, type Turn, turnOf } from "@/components/job/turn.ts";
import { hasFollowers, partsOf, tabTitle } from "@/components/job/view.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownAsset, ShownJob, ShownJobDetail, ShownModes, ShownQueue } from "@/core/shown.ts";
import { isTerminal } from "@/core/status.ts";
import { JobStatus } from "@/islands/JobStatus.tsx";
import { ask } from "../../(_shared)/ask.ts";
import { readTicks } from "../../(_shared)/fields.ts";
import { readUsual } from "../../(_shared)/usual.ts";
import { define } from "../../(_shared)/define.ts";
import type { State } from "../../(_shared)/state.ts";

interface Data extends DeskStart {
  /** Step whose retake is asked for. */
  retake: string | null;
  made: Made[];
  offered: OfferedMode | null;
  now: number;
}

/** Without scripts a page of an unfinished job is read again after so many seconds. */
const AGAIN_S = "5";

export const handler = define.handlers({
  async GET(ctx) {
    const job = await findJob(ctx);
    if (job === null) return page<Data | null>(null, { status: 404 });
    const { searchParams } = ctx.url;
    const [turn, usual] = [await findTurn(ctx, job), await readUsual(ctx)];
    const start = { job, turn, usual, look: lookOf(searchParams), refusal: null };
    return page<Data | null>(await fill(ctx, start, searchParams.get("retake")));
  },
  async POST(ctx) {
    const job = await findJob(ctx);
    if (job === null) return page<Data | null>(null, { status: 404 });
    const form = await readTicks(ctx.req);
    const command = commandOf(job, form, ctx.state.studio.drawSeed);
    if (command === null) return ctx.redirect(`/jobs/${job.id}`, 303);
    const answer = await ask<Partial<ShownJob>>(ctx, command.path, { method: "POST", body: command.body });
    if (answer.ok) return ctx.redirect(`/jobs/${answer.body.id ?? job.id}`, 303);
    const entered = [...form].flatMap(([name, value]) => typeof value === "string" ? [[name, value]] : []);
    const refusal: Refusal = { ...refusalOf(answer.problem), entered: Object.fromEntries(entered) };
    const retake = form.get("do") === "retake" ? String(form.get("step")) : null;
    const now = await findJob(ctx) ?? job;
    const [turn, usual] = [await findTurn(ctx, now), await readUsual(ctx)];
    const start = { job: now, turn, usual, look: null, refusal };
    return page<Data | null>(await fill(ctx, start, retake), { status: answer.status });
  },
});

type Asking = Context<State>;

async function findJob(ctx: Asking): Promise<ShownJobDetail | null> {
  const answer = await ask<ShownJobDetail>(ctx, `/api/jobs/${encodeURIComponent(ctx.params.id ?? "")}`);
  return answer.ok ? answer.body : null;
}

async function findTurn(ctx: Asking, job: ShownJob): Promise<Turn | null> {
  if (!isWaiting(job)) return null;
  const answer = await ask<ShownQueue>(ctx, `/api/queue?id=${job.id}`);
  return answer.ok ? turnOf(answer.body, job.id) : null;
}

async function fill(ctx: Asking, start: DeskStart, retake: string | null): Promise<Data> {
  const made = await Promise.all(start.job.assets.map(async ({ role, used, assetId }) => {
    const answer = await ask<ShownAsset>(ctx, `/api/assets/${assetId}`);
    return { role, used, asset: answer.ok ? answer.body : null };
  }));
  return {
    ...start,
    retake,
    made,
    offered: await findOffered(ctx, start.job),
    now: ctx.state.studio.clock.now(),
  };
}

/** Null where the mode is no longer offered. */
async function findOffered(ctx: Asking, { mode, submode }: ShownJob): Promise<OfferedMode | null> {
  const answer = await ask<ShownModes>(ctx, "/api/modes", { keep: true });
  if (!answer.ok) return null;
  return answer.body.items.find((one) => one.mode === mode && one.submode === submode) ?? null;
}

/** `?take=chunk-002.1`, or `?look=kept` and its like. */
function lookOf(query: URLSearchParams): Look {
  const look = query.get("look");
  if (look === "kept" || look === "live" || look === "before") return look;
  const [, step, take] = query.get("take")?.match(/^(.{1,64})\.(\d{1,4})$/) ?? [];
  return step === undefined ? null : { step, take: Number(take) };
}

export default define.page<typeof handler>(({ data }) => {
  if (data === null) return <Gone />;
  const { job, turn, look, usual, refusal, made, offered, now } = data;
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
        <JobStatus
          {...{ job, turn, look, usual, now }}
          presets={offered?.presets ?? []}
          refusal={data.retake === null ? refusal : null}
          sheet={<Sheet {...data} />}
          ways={<BeforeAfter job={job} look={look} onLook={() => {}} />}
          joins={<Joins job={job} />}
          stale={<UnderStrip job={job} doing={{ id: job.id, busy: null, send() {} }} />}
        >
          <LetGo letGo={job.letGo} />
          <Kin job={job} />
          <MadeFrom made={made} offered={offered} />
          <Settings job={job} offered={offered} />
        </JobStatus>
      </main>
    </>
  );
});

/** Without scripts the sheet of a retake stands on the page. */
function Sheet({ job, retake, offered, refusal }: Data) {
  const parts = partsOf(job);
  const part = parts.find(({ step }) => step === retake);
  if (!part) return null;
  const doing = { id: job.id, busy: null, send() {} };
  return (
    <Retake
      {...{ part, doing, refusal }}
      presets={offered?.presets ?? []}
      hasFollowers={hasFollowers(parts, part)}
      onClose={() => {}}
    />
  );
}
