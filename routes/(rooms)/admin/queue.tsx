/** For operators: everybody's jobs, in the order in which they are served. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Line, PRIORITIES, Selection } from "@/components/admin/line.tsx";
import { QueueFile } from "@/components/admin/queue_file.tsx";
import { type LineName, LINES } from "@/core/admin.ts";
import { QUEUE_FILE_BYTES_MAX } from "@/core/queue.ts";
import type { ShownBackend, ShownLine } from "@/core/shown_admin.ts";
import type { FieldNote } from "@/core/problem.ts";
import { queueFile as file } from "@/core/words/queue_file.ts";
import { admin } from "@/core/words/admin.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readForm } from "../../(_shared)/form.ts";
import { readFields } from "../../(_shared)/fields.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  name: LineName;
  from: number;
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
const PAGE = 50;
const words = admin.queue;

export const handler = define.handlers({
  async GET(ctx) {
    const done = words.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    if (ctx.req.headers.get("content-type")?.startsWith("multipart/")) return await takeIn(ctx);
    const fields = await readFields(ctx.req);
    if (fields.many !== undefined) return await tellMany(ctx, fields.many, chosenIn(fields));
    const { act = "", id = "" } = fields;
    const path = `/api/admin/jobs/${encodeURIComponent(id)}`;
    const priority = PRIORITIES[act];
    const answer = priority === undefined
      ? await ask(ctx, `${path}/${encodeURIComponent(act)}`, { method: "POST" })
      : await ask(ctx, `${path}/reprioritise`, { body: { priority } });
    if (answer.ok) return ctx.redirect(`${HERE}?name=${nameOf(ctx)}&done=${encodeURIComponent(act)}`, 303);
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

/** To all that were chosen, or to everybody's live jobs. */
async function tellMany(ctx: Ctx, many: string, ids: string[]) {
  const [act = "", all] = many.split("-");
  if (all === undefined && ids.length === 0) {
    return page({ ...await readShown(ctx), wrong: words.nothing }, { status: 422 });
  }
  const priority = PRIORITIES[act];
  const body = {
    ...(priority === undefined ? { act } : { act: "reprioritise", priority }),
    ...(all === undefined ? { ids } : {}),
  };
  const answer = await ask<{ told: number; passed: number }>(ctx, "/api/admin/jobs/tell", { body });
  const shown = await readShown(ctx);
  if (answer.ok) return page({ ...shown, done: words.many(answer.body.told, answer.body.passed) });
  return page({ ...shown, wrong: answer.problem.title }, { status: answer.status });
}

function nameOf({ url }: Ctx): LineName {
  const asked = url.searchParams.get("name");
  return LINES.find((name) => name === asked) ?? "running";
}

async function readShown(ctx: Ctx): Promise<Shown> {
  const name = nameOf(ctx);
  const from = Math.max(0, Math.trunc(Number(ctx.url.searchParams.get("from"))) || 0);
  const readLine = (of: LineName, offset: number, limit: number) =>
    read<ShownLine>(ctx, `/api/admin/line?name=${of}&offset=${offset}&limit=${limit}`);
  const [line, counts, { items: servers }] = await Promise.all([
    readLine(name, from, PAGE),
    Promise.all(LINES.map(async (of) => [of, (await readLine(of, 0, 1)).total] as const)),
    read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends"),
  ]);
  const totals = { running: 0, waiting: 0, held: 0, ...Object.fromEntries(counts) };
  return {
    name,
    from,
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
  const { name, from, line: { items, total }, totals, servers, now, done, wrong } = data;
  const at = (start: number) => `${HERE}?name=${name}&from=${start}`;
  return (
    <AdminFrame here={HERE} now={now} done={done} wrong={wrong}>
      <div class="row">
        <nav class="seg" aria-label={words.title}>
          {LINES.map((of) => (
            <a key={of} href={`${HERE}?name=${of}`} aria-current={of === name ? "page" : "false"}>
              {words.lines[of]} <span class="num">{totals[of]}</span>
            </a>
          ))}
        </nav>
        <p class="small second">{words.about[name]}</p>
      </div>
      {LINES.some((of) => totals[of] > 0) && <Selection action={at(from)} canChoose={items.length > 0} />}
      {items.length === 0
        ? <p class="empty">{words.empty[name]}</p>
        : <Line name={name} jobs={items} servers={servers} now={now} action={at(from)} />}
      {total > PAGE && (
        <nav class="row small num" aria-label={words.page(from + 1, from + items.length, total)}>
          {from > 0 && <a class="btn slim" href={at(Math.max(0, from - PAGE))}>{words.before}</a>}
          <span>{words.page(from + 1, from + items.length, total)}</span>
          {from + PAGE < total && <a class="btn slim" href={at(from + PAGE)}>{words.after}</a>}
        </nav>
      )}
      <QueueFile action={HERE} faults={data.faults} />
    </AdminFrame>
  );
});
