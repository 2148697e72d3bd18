/** For operators: everybody's jobs, in the order in which they are served. */
import { type Context, page } from "fresh";
import { Live, LiveScript } from "@/components/admin/live.tsx";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Line, PRIORITIES, Selection, Sure, type SureProps } from "@/components/admin/line.tsx";
import { LineFilter, type LineQuery, SIZES } from "@/components/admin/line_filter.tsx";
import { QueueFile } from "@/components/admin/queue_file.tsx";
import { type LineName, LINES } from "@/core/admin.ts";
import { MOVES_IN_LINE } from "@/core/line.ts";
import { QUEUE_FILE_BYTES_MAX } from "@/core/queue.ts";
import type { ShownBackend, ShownLine, ShownMember, ShownTold } from "@/core/shown_admin.ts";
import type { FieldNote } from "@/core/problem.ts";
import { queueFile as file } from "@/core/words/queue_file.ts";
import { line as words } from "@/core/words/line.ts";
import { ask, read } from "../../../(_shared)/ask.ts";
import { define } from "../../../(_shared)/define.ts";
import { readForm } from "../../../(_shared)/form.ts";
import { readFields } from "../../../(_shared)/fields.ts";
import type { State } from "../../../(_shared)/state.ts";

interface Shown {
  name: LineName;
  from: number;
  query: LineQuery;
  people: string[];
  /** What is asked once more. */
  sure: SureProps | null;
  line: ShownLine;
  totals: Record<LineName, number>;
  servers: ShownBackend[];
  now: number;
  done: string;
  wrong: string;
  /** Of a file that was refused. */
  faults: FieldNote[];
}

type Ctx = Context<State>;

const HERE = "/admin/queue";

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    if (ctx.req.headers.get("content-type")?.startsWith("multipart/")) return await takeIn(ctx);
    const fields = await readFields(ctx.req);
    if (fields.many !== undefined) return await tellMany(ctx, fields);
    const { act = "", id = "" } = fields;
    const path = `/api/admin/jobs/${encodeURIComponent(id)}`;
    const priority = PRIORITIES[act];
    const answer = MOVES_IN_LINE.some((move) => move === act)
      ? await ask(ctx, `${path}/move`, { body: { to: act } })
      : priority === undefined
      ? await ask(ctx, `${path}/${encodeURIComponent(act)}`, { method: "POST" })
      : await ask(ctx, `${path}/reprioritise`, { body: { priority } });
    if (answer.ok) return ctx.redirect(pathOf(queryOf(ctx), { done: act }), 303);
    return page({ ...await readShown(ctx), wrong: answer.problem.title }, { status: answer.status });
  },
});

/** A file that was exported: refused as a whole, with the place of each fault. */
async function takeIn(ctx: Ctx) {
  let text = "";
  let bytes = 0;
  await readForm(ctx.req, async ({ content }) => {
    const decoder = new TextDecoder();
    for await (const piece of content) {
      bytes += piece.byteLength;
      text = bytes > QUEUE_FILE_BYTES_MAX ? "" : text + decoder.decode(piece, { stream: true });
    }
  }, { files: 1 });
  if (bytes > QUEUE_FILE_BYTES_MAX) {
    return page({ ...await readShown(ctx), wrong: file.tooLarge }, { status: 413 });
  }
  if (text.trim() === "") return page({ ...await readShown(ctx), wrong: file.none }, { status: 422 });
  const body = parsed(text);
  if (body === undefined) return page({ ...await readShown(ctx), wrong: file.notJson }, { status: 422 });
  const answer = await ask<{ made: number; known: number }>(ctx, "/api/admin/queue/import", { body });
  const shown = await readShown(ctx);
  if (answer.ok) return page({ ...shown, done: file.taken(answer.body.made, answer.body.known) });
  const { title, fields: faults = [] } = answer.problem;
  return page({ ...shown, wrong: title, faults }, { status: answer.status });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function chosenIn(fields: Record<string, string>): string[] {
  return Object.keys(fields).filter((name) => name.startsWith("pick-")).map((name) =>
    name.slice("pick-".length)
  );
}

/** To all that were chosen, or to all that fit. More than one is asked for once more. */
async function tellMany(ctx: Ctx, { many: act = "", all, sure, ...fields }: Record<string, string>) {
  const ids = all === "on" ? [] : chosenIn(fields);
  if (all !== "on" && ids.length === 0) {
    return page({ ...await readShown(ctx), wrong: words.nothing }, { status: 422 });
  }
  const { owner, mode, search } = queryOf(ctx);
  const name = ctx.url.searchParams.get("name") ?? "";
  const where = given({ name, owner, mode, search });
  if (sure !== "on" && (all === "on" || ids.length > 1)) {
    const films = all === "on" ? await countOf(ctx, where) : ids.length;
    const shown = await readShown(ctx);
    return page({ ...shown, sure: { act, films, owner, ids, action: `${HERE}${ctx.url.search}` } });
  }
  const priority = PRIORITIES[act];
  const body = {
    ...(priority === undefined ? { act } : { act: "reprioritise", priority }),
    ...(all === "on" ? { where } : { ids }),
  };
  const answer = await ask<ShownTold>(ctx, "/api/admin/jobs/tell", { body });
  const shown = await readShown(ctx);
  if (answer.ok) return page({ ...shown, done: words.many(answer.body.told, answer.body.passed) });
  return page({ ...shown, wrong: answer.problem.title }, { status: answer.status });
}

function given(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

async function countOf(ctx: Ctx, where: Record<string, string>): Promise<number> {
  const names = where.name === undefined ? LINES : [where.name];
  const totals = await Promise.all(names.map(async (name) => {
    const query = new URLSearchParams({ ...where, name, limit: "1" });
    return (await read<ShownLine>(ctx, `/api/admin/line?${query}`)).total;
  }));
  return totals.reduce((sum, total) => sum + total, 0);
}

function queryOf({ url: { searchParams } }: Ctx): LineQuery & { name: LineName } {
  const text = (name: string) => searchParams.get(name)?.trim() ?? "";
  const name = LINES.find((name) => name === text("name")) ?? "running";
  const size = Object.hasOwn(SIZES, text("size")) ? text("size") : "50";
  return { name, owner: text("owner"), mode: text("mode"), search: text("search"), size };
}

function pathOf({ size, ...query }: LineQuery, more: Record<string, string> = {}): string {
  return `${HERE}?${new URLSearchParams(given({ ...query, size: size === "50" ? "" : size, ...more }))}`;
}

async function readShown(ctx: Ctx): Promise<Shown> {
  const query = queryOf(ctx);
  const { name, owner, mode, search, size } = query;
  const from = Math.max(0, Math.trunc(Number(ctx.url.searchParams.get("from"))) || 0);
  const readLine = (of: LineName, offset: number, limit: number) => {
    const asked = { ...given({ owner, mode, search }), name: of, offset: `${offset}`, limit: `${limit}` };
    return read<ShownLine>(ctx, `/api/admin/line?${new URLSearchParams(asked)}`);
  };
  const [line, counts, { items: servers }, { items: members }] = await Promise.all([
    readLine(name, from, Number(size)),
    Promise.all(LINES.map(async (of) => [of, (await readLine(of, 0, 1)).total] as const)),
    read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends"),
    read<{ items: ShownMember[] }>(ctx, "/api/admin/people"),
  ]);
  const totals = { running: 0, waiting: 0, held: 0, ...Object.fromEntries(counts) };
  return {
    name,
    from,
    query,
    people: members.map(({ email }) => email),
    sure: null,
    line,
    totals,
    servers,
    now: ctx.state.studio.clock.now(),
    done: "",
    wrong: "",
    faults: [],
  };
}

export default define.page<typeof handler>(({ data }) => {
  const { name, from, query, line: { items, total }, totals, servers, now, done, wrong, sure } = data;
  const at = (start: number) => pathOf(query, { from: `${start}` });
  const size = Number(query.size);
  const isNarrow = query.owner !== "" || query.mode !== "" || query.search !== "";
  return (
    <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
      {sure && <Sure {...sure} />}
      <div class="row">
        <nav class="seg" aria-label={words.title}>
          {LINES.map((of) => (
            <a key={of} href={pathOf({ ...query, name: of })} aria-current={of === name ? "page" : "false"}>
              {words.lines[of]} <span class="num">{totals[of]}</span>
            </a>
          ))}
        </nav>
        <p class="small second">{words.about[name]}</p>
      </div>
      <LineFilter query={query} people={data.people} action={HERE} />
      <LiveScript />
      <Live>
        {items.length === 0 ? <p class="empty">{isNarrow ? words.noMatch : words.empty[name]}</p> : (
          <>
            <Selection action={at(from)} total={total} />
            <Line name={name} jobs={items} servers={servers} now={now} action={at(from)} />
          </>
        )}
      </Live>
      <p class="small second">
        {words.whole} <a href="/admin#maintenance">{words.wholeLink}</a>
      </p>
      {total > size && (
        <nav class="row small num" aria-label={words.page(from + 1, from + items.length, total)}>
          {from > 0 && <a class="btn slim" href={at(Math.max(0, from - size))}>{words.before}</a>}
          <span>{words.page(from + 1, from + items.length, total)}</span>
          {from + size < total && <a class="btn slim" href={at(from + size)}>{words.after}</a>}
        </nav>
      )}
      <QueueFile action={HERE} faults={data.faults} />
    </AdminFrame>
  );
});
