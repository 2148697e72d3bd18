/** Who may be here, for operators: people with their roles, and invitations. */
import { type Context, HttpError, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { Invitations, InviteForm, type InviteValues } from "@/components/invitations.tsx";
import { Members } from "@/components/members.tsx";
import { OWN_LIMITS_MOST } from "@/core/quota.ts";
import type { NewInvitation, PasswordLink, ShownInvitation, ShownRegistration } from "@/core/shown.ts";
import type { ShownMember, ShownPeople } from "@/core/shown_admin.ts";
import { people } from "@/core/words/people.ts";
import { type Answer, ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  members: ShownMember[];
  usual: ShownPeople["usual"];
  invitations: ShownInvitation[];
  isOpen: boolean;
  now: number;
  done: string;
  made: NewInvitation | null;
  link: PasswordLink | null;
  values: InviteValues;
  /** Of the form that makes invitations. */
  refused: Refused;
  /** Of everything else. */
  problem: string;
}

const HERE = "/admin/people";
const FIRST_VALUES: InviteValues = { note: "", role: "creator", days: "7" };

type Ctx = Context<State>;

export const handler = define.handlers({
  async GET(ctx) {
    const done = people.done[ctx.url.searchParams.get("done") ?? ""] ?? "";
    return page({ ...await readShown(ctx), done });
  },

  async POST(ctx) {
    const fields = await readFields(ctx.req);
    if (fields.do === "invite") return await invite(ctx, { ...FIRST_VALUES, ...fields });
    if (fields.do === "link") return await linkFor(ctx, fields.id ?? "");
    const { done, answer } = await act(ctx, fields);
    if (answer.ok || answer.status === 404) return ctx.redirect(`${HERE}?done=${done}`, 303);
    if (answer.status === 403) throw new HttpError(403);
    const now = await readShown(ctx);
    const isStale = answer.problem.code === "request.conflict";
    const shown = { ...now, problem: isStale ? bothSaid(now.members, fields) : answer.problem.title };
    return page(shown, { status: answer.status, headers: headersOf(answer.response) });
  },
});

async function readShown(ctx: Ctx): Promise<Shown> {
  const { items: members, usual } = await read<ShownPeople>(ctx, "/api/admin/people");
  const { items: invitations } = await read<{ items: ShownInvitation[] }>(ctx, "/api/admin/invitations");
  const { state } = await read<ShownRegistration>(ctx, "/api/auth/registration");
  return {
    members,
    usual,
    invitations,
    isOpen: state === "open",
    now: ctx.state.studio.clock.now(),
    done: "",
    made: null,
    link: null,
    values: FIRST_VALUES,
    refused: NOT_REFUSED,
    problem: "",
  };
}

/** The link is shown in this very answer, since nobody can read it again. */
async function invite(ctx: Ctx, values: InviteValues) {
  const { note, role, days } = values;
  const body = { note, role, days: Number(days) };
  const answer = await ask<NewInvitation>(ctx, "/api/admin/invitations", { body });
  const shown = await readShown(ctx);
  if (answer.ok) return page({ ...shown, made: answer.body }, { headers: { "cache-control": "no-store" } });
  const refused = refusedBy(answer.problem, ["note", "role", "days"]);
  return page({ ...shown, values, refused }, { status: answer.status, headers: headersOf(answer.response) });
}

async function linkFor(ctx: Ctx, id: string) {
  const path = `/api/admin/people/${encodeURIComponent(id)}/password-link`;
  const answer = await ask<PasswordLink>(ctx, path, { body: {} });
  if (!answer.ok) throw new HttpError(answer.status);
  return page({ ...await readShown(ctx), link: answer.body }, { headers: { "cache-control": "no-store" } });
}

const CHANGES: Record<string, Record<string, unknown>> = {
  operator: { role: "operator" },
  creator: { role: "creator" },
  closed: { disabled: true },
  opened: { disabled: false },
};

/** An empty field is no limit of one's own. */
function limitsIn(fields: Record<string, string>): Record<string, number | null> {
  const named = Object.keys(OWN_LIMITS_MOST).flatMap((name) => {
    const text = fields[name];
    return text === undefined ? [] : [[name, text === "" ? null : Number(text)] as const];
  });
  return Object.fromEntries(named);
}

/** What was written, beside what another operator made of it meanwhile. */
function bothSaid(members: ShownMember[], fields: Record<string, string>): string {
  const member = members.find(({ id }) => id === fields.id);
  if (!member) return "";
  const { labels, none, stale, both } = people.limit;
  const said = (value: number | null | undefined) =>
    value === null || value === undefined ? none : `${value}`;
  const lines = Object.entries(limitsIn(fields)).flatMap(([key, yours]) => {
    const name = key as keyof typeof labels;
    return member[name] === yours ? [] : [both(labels[name], said(member[name]), said(yours))];
  });
  return [stale(member.email), ...lines].join(" ");
}

/** One button of one row. */
async function act(
  ctx: Ctx,
  { do: done = "", id = "", ...fields }: Record<string, string>,
): Promise<{ done: string; answer: Answer<unknown> }> {
  const safeId = encodeURIComponent(id);
  if (done === "revoked") {
    return { done, answer: await ask(ctx, `/api/admin/invitations/${safeId}`, { method: "DELETE" }) };
  }
  const body = done === "limited" ? { ...limitsIn(fields), rev: Number(fields.rev) } : CHANGES[done];
  if (body === undefined) throw new HttpError(400);
  return { done, answer: await ask(ctx, `/api/admin/people/${safeId}`, { body }) };
}

export default define.page<typeof handler>(({ data, state }) => (
  <AdminFrame here={HERE} now={data.now} done={data.done} wrong={data.problem}>
    <section class="people">
      <h2>{people.title}</h2>
      <p class="second small">
        {people.text(data.members.length)} {data.isOpen ? people.open : people.closed}
      </p>
      <Members
        members={data.members}
        ownId={state.user?.id ?? ""}
        now={data.now}
        action={HERE}
        usual={data.usual}
        link={data.link}
      />
      <div class="invites">
        <InviteForm made={data.made} values={data.values} refused={data.refused} action={HERE} />
        <Invitations invitations={data.invitations} action={HERE} />
      </div>
    </section>
  </AdminFrame>
));
