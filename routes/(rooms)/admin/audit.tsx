/** For operators: what was changed by whom, to be narrowed and taken along. */
import { type Context, HttpError, page } from "fresh";
import { AuditFilter, type AuditQuery, AuditTable } from "@/components/admin/audit.tsx";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Icon } from "@/components/icon.tsx";
import * as icons from "@/components/icons.ts";
import type { ShownMember } from "@/core/shown_admin.ts";
import type { ShownAudit } from "@/core/shown_audit.ts";
import { audit as words } from "@/core/words/audit.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  query: AuditQuery;
  /** Of the filter alone, as the API takes it. */
  asked: string;
  found: ShownAudit;
  members: ShownMember[];
  now: number;
  refused: Refused;
}

const HERE = "/admin/audit";
const API = "/api/admin/audit";
const NONE: ShownAudit = { items: [], next: null };

export const handler = define.handlers({
  async GET(ctx) {
    const shown = await readShown(ctx);
    return page(shown, { status: shown.refused === NOT_REFUSED ? 200 : 422 });
  },
});

async function readShown(ctx: Context<State>): Promise<Shown> {
  const { searchParams } = ctx.url;
  const given = (name: string) => searchParams.get(name) ?? "";
  const query = {
    thing: given("thing"),
    person: given("person"),
    from: given("from"),
    until: given("until"),
  };
  const asked = paramsOf(query);
  const cursor = searchParams.get("cursor");
  const path = `${API}?${asked}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
  const answer = await ask<ShownAudit>(ctx, path);
  if (!answer.ok && answer.status !== 422) throw new HttpError(answer.status, answer.problem.title);
  const { items: members } = await read<{ items: ShownMember[] }>(ctx, "/api/admin/people");
  return {
    query,
    asked,
    found: answer.ok ? answer.body : NONE,
    members,
    now: ctx.state.studio.clock.now(),
    refused: answer.ok ? NOT_REFUSED : refusedBy(answer.problem, Object.keys(query)),
  };
}

/** Days as the studio counts them; the last one is shown as a whole. */
function paramsOf({ thing, person, from, until }: AuditQuery): string {
  const params = { thing, person, from: startOf(from, 0), until: startOf(until, 1) };
  return new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "")).toString();
}

function startOf(text: string, later: number): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return text;
  return new Date(Number(year), Number(month) - 1, Number(day) + later).toISOString();
}

export default define.page<typeof handler>(({ data: { query, asked, found, members, now, refused } }) => (
  <AdminFrame here={HERE} now={now} wrong={refused.text}>
    <p class="small second">{words.about}</p>
    <AuditFilter query={query} members={members} wrong={refused.wrong} action={HERE} />
    {found.items.length === 0
      ? <p class="empty">{asked === "" ? words.empty : words.noMatch}</p>
      : <AuditTable entries={found.items} />}
    <p class="row">
      {found.next !== null && (
        <a class="btn slim" href={`${HERE}?${new URLSearchParams({ ...query, cursor: found.next })}`}>
          {words.further}
        </a>
      )}
      <a class="btn slim" href={`${API}/export?${asked}`} download>
        <Icon of={icons.download} />
        {words.download}
      </a>
    </p>
  </AdminFrame>
));
