/** Pages of the library: what an address shows, and what a posted selection does through the API. */
import type { Context } from "fresh";
import { apiPathOf, hrefOf, type LibraryQuery, readQuery } from "@/components/library/query.ts";
import type { LibraryView, News } from "@/components/library/room.tsx";
import { problems } from "@/core/words/problems.ts";
import type { ShownOutcome, ShownPage, ShownProject, ShownThing } from "@/core/shown.ts";
import { library } from "@/core/words/library.ts";
import { type Answer, ask, read } from "./ask.ts";
import type { State } from "./state.ts";

const PAGE_ITEMS = 24;
/** As many as a choice can offer. */
const PROJECTS_LISTED = 100;

type Ctx = Context<State>;

/** Asked before something is gone for good. */
export interface Question {
  act: "purge" | "empty";
  items: string[];
}

export async function loadLibrary(
  ctx: Ctx,
  change: Partial<LibraryQuery> = {},
  news: News[] = newsOf(ctx.url.searchParams),
): Promise<LibraryView> {
  const { studio } = ctx.state;
  const query = { ...readQuery(ctx.url.searchParams), ...change };
  const [answer, projects] = await Promise.all([
    ask<ShownPage<ShownThing>>(ctx, apiPathOf(query, PAGE_ITEMS)),
    read<ShownPage<ShownProject>>(ctx, `/api/projects?limit=${PROJECTS_LISTED}`),
  ]);
  return {
    query,
    page: answer.ok ? answer.body : null,
    problem: answer.ok ? null : answer.problem,
    projects: projects.items,
    news,
    all: ctx.url.searchParams.has("all"),
    now: studio.clock.now(),
    trashDays: studio.settings.trashDays,
  };
}

/** What was done is told in the address, so that a reload tells it again and does nothing again. */
export function newsOf(params: URLSearchParams): News[] {
  const tell = library.done[params.get("done") ?? ""];
  const n = numberIn(params, "n");
  const kept = numberIn(params, "kept");
  const news: News[] = [];
  if (tell && (n > 0 || kept === 0)) {
    const link = params.get("done") === "trash"
      ? { href: "?show=trash", words: library.openTrash }
      : undefined;
    news.push({ tone: "good", words: tell(n), link });
  }
  const why = Object.entries(problems).find(([code]) => code === params.get("why"))?.[1];
  if (kept > 0 && why) news.push({ tone: "bad", words: library.kept(kept, why) });
  return news;
}

function numberIn(params: URLSearchParams, name: string): number {
  const text = params.get(name) ?? "";
  return /^\d{1,4}$/.test(text) ? Number(text) : 0;
}

export type Acted = { response: Response } | { question: Question } | { news: News[] };

/** Does what a button of the form says, to what is ticked or to the one thing it stands on. */
export async function act(ctx: Ctx, form: FormData): Promise<Acted> {
  const [action = "", one] = String(form.get("do") ?? "").split(" ");
  const items = one === undefined ? form.getAll("item").map(String) : [one];
  if (items.length === 0 && action !== "empty") {
    return { news: [{ tone: "bad", words: library.nothingPicked }] };
  }
  if ((action === "purge" || action === "empty") && form.get("sure") !== "yes") {
    return { question: { act: action, items } };
  }
  const things = selectionOf(items);
  if (action === "zip") return await sendZip(ctx, things);
  const answer = action === "empty"
    ? await ask<ShownOutcome>(ctx, "/api/library/empty", { method: "POST" })
    : action === "move"
    ? await ask<ShownOutcome>(ctx, "/api/library/move", {
      body: { projectId: form.get("to") || null, ...things },
    })
    : await ask<ShownOutcome>(ctx, "/api/library/mark", { body: { action, ...things } });
  return answer.ok ? { response: tellDone(ctx, action, answer.body) } : { news: refusalOf(answer) };
}

function selectionOf(items: string[]): { films: string[]; files: string[] } {
  const of = (type: string) =>
    items.filter((item) => item.startsWith(`${type}:`)).map((item) => item.slice(type.length + 1));
  return { films: of("film"), files: of("file") };
}

function refusalOf(answer: Answer<unknown> & { ok: false }): News[] {
  const { title, fields = [] } = answer.problem;
  return [{ tone: "bad", words: fields[0]?.message ?? title }];
}

/** Back to where the form stood, with a line on what was done. */
function tellDone(ctx: Ctx, action: string, { done, kept }: ShownOutcome): Response {
  const href = hrefOf(readQuery(ctx.url.searchParams), { cursor: ctx.url.searchParams.get("cursor") ?? "" });
  const params = new URLSearchParams(href.slice(1));
  params.set("done", action);
  params.set("n", String(done.length));
  if (kept[0]) {
    params.set("kept", String(kept.length));
    params.set("why", kept[0].code);
  }
  return ctx.redirect(`${ctx.url.pathname}?${params}`, 303);
}

/** The browser fetches the ZIP itself; what would be refused is said on the page instead. */
async function sendZip(ctx: Ctx, { films, files }: { films: string[]; files: string[] }): Promise<Acted> {
  const path = `/api/library/zip?${new URLSearchParams({ films: films.join(","), files: files.join(",") })}`;
  const headers = { cookie: ctx.req.headers.get("cookie") ?? "" };
  const looked = await ctx.state.api(new Request(new URL(path, ctx.url), { method: "HEAD", headers }));
  if (looked.ok) return { response: ctx.redirect(path, 303) };
  const answer = await ask(ctx, path);
  return answer.ok ? { response: ctx.redirect(path, 303) } : { news: refusalOf(answer) };
}
