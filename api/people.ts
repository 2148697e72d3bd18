/** Who may be here, for operators: the people and their roles, and the invitations that let in more. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import { OWN_LIMITS_MOST, type OwnLimits, WEIGHT_MIN } from "@/core/quota.ts";
import type { NewInvitation, ShownInvitation } from "@/core/shown.ts";
import type { ShownMember, ShownPeople } from "@/core/shown_admin.ts";
import { json } from "./auth.ts";
import type { Api, Call } from "./env.ts";
import { refusals } from "./problems.ts";
import { idOf, iso, isoOrNull, plainText, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";
import type { Invitation, Member } from "./studio.ts";

const Role = z.enum(["creator", "operator"], "must be creator or operator");
const limit = (number: z.ZodNumber, name: keyof OwnLimits, least = 0) => {
  const most = OWN_LIMITS_MOST[name];
  return number.min(least, `must be at least ${least}`).max(most, `must be at most ${most}`).nullable();
};
const LIMITS = {
  jobsMax: limit(z.int(), "jobsMax").openapi({
    description: "Jobs that may be waiting or under way at once; null for as many as JOBS_QUEUED_MAX.",
  }),
  runningMax: limit(z.int(), "runningMax").openapi({
    description: "Jobs that may be on render servers at once; null for as many as JOBS_RUNNING_MAX.",
  }),
  gpuMinutesMax: limit(z.number(), "gpuMinutesMax").openapi({
    description: "Minutes of rendering within 24 hours; null for as many as GPU_MINUTES_PER_DAY.",
  }),
  diskGbMax: limit(z.number(), "diskGbMax").openapi({
    description: "Gigabytes of uploads and results; null for as many as DISK_GB_PER_PERSON.",
  }),
  weight: limit(z.number(), "weight", WEIGHT_MIN).openapi({
    description:
      "Share of the render servers while several people wait: 2 is served twice as much as 1; null for 1.",
  }),
};
const MemberItem = z.object({
  id: z.string(),
  email: z.string(),
  role: Role,
  createdAt: Time,
  disabledAt: Time.nullable(),
  seenAt: Time.nullable(),
  jobs: z.int().openapi({ description: "Jobs that are not in the trash." }),
  open: z.int().openapi({ description: "Jobs that wait or are under way." }),
  running: z.int().openapi({ description: "Jobs on render servers." }),
  gpuMinutes: z.number().openapi({ description: "Minutes of rendering within 24 hours." }),
  diskBytes: z.int().openapi({ description: "Of everybody who used the studio within 30 days." }),
  rev: z.int(),
  ...LIMITS,
}).openapi("Member");
const People = z.object({
  items: z.array(MemberItem),
  usual: z.object(LIMITS).omit({ weight: true }).openapi({
    description: "For whoever has no limits of their own; null where there is none.",
  }),
});
const ChangeMember = z.strictObject({
  role: Role.optional(),
  disabled: z.boolean().optional(),
  rev: z.int().optional().openapi({
    description: "As it was read: who was changed by another operator since then is not written over.",
  }),
  ...z.object(LIMITS).partial().shape,
})
  .refine((given) => Object.keys(given).some((name) => name !== "rev"), "must change something")
  .openapi("ChangeMember");

const InvitationItem = z.object({
  id: z.string(),
  note: z.string(),
  role: Role,
  state: z.enum(["open", "used", "expired"]),
  usedBy: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time,
});
const ShownOne = InvitationItem.openapi("Invitation");
const MadeOne = InvitationItem.extend({
  url: z.string().openapi({ description: "The link. It is shown this once and never again." }),
}).openapi("NewInvitation");
const Invite = z.strictObject({
  note: plainText(200).default(""),
  role: Role.default("creator"),
  days: z.int().min(1, "must be at least 1").max(90, "must be at most 90").default(7),
}).openapi("Invite");

const IdParam = z.strictObject({ id: z.string().max(100) });
const listOf = <Item extends z.ZodType>(item: Item) => ({
  200: {
    description: "The list.",
    content: { "application/json": { schema: z.object({ items: z.array(item) }) } },
  },
});

export function addPeople(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/people",
    tags: ["admin"],
    summary: "Everybody with an account, oldest first.",
    responses: {
      200: { description: "The list.", content: { "application/json": { schema: People } } },
    },
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    return c.json(await readPeople(c), 200);
  });

  const change = createRoute({
    method: "post",
    path: "/admin/people/{id}",
    tags: ["admin"],
    summary:
      "Give a person another role or limits of their own, or close and open their account. Who is closed is signed out at once.",
    request: { params: IdParam, ...json(ChangeMember) },
    responses: {
      200: { description: "The person.", content: { "application/json": { schema: MemberItem } } },
      ...refusals(409),
    },
  });
  api.openapi(change, async (c) => {
    requireOperator(c);
    const id = idOf(c.req.valid("param").id);
    const changed = await c.env.studio.accounts.change(id, c.req.valid("json"), byOf(c));
    if (changed === "last_operator") throw fail("account.last_operator");
    if (changed === "stale") throw fail("request.conflict");
    const member = (await readPeople(c)).items.find((one) => one.id === id);
    if (changed === "missing" || member === undefined) throw fail("request.not_found");
    return c.json(member, 200);
  });
  addInvitations(api);
}

function addInvitations(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/invitations",
    tags: ["admin"],
    summary: "All invitations, newest first.",
    responses: listOf(ShownOne),
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    const items = (await c.env.studio.invitations.list()).map((one) => showInvitation(c, one));
    return c.json({ items }, 200);
  });

  const create = createRoute({
    method: "post",
    path: "/admin/invitations",
    tags: ["admin"],
    summary: "Invite one person: a link that makes one account and then is worth nothing.",
    request: json(Invite),
    responses: {
      201: { description: "The invitation.", content: { "application/json": { schema: MadeOne } } },
    },
  });
  api.openapi(create, async (c) => c.json(await invite(c, c.req.valid("json")), 201));

  const revoke = createRoute({
    method: "delete",
    path: "/admin/invitations/{id}",
    tags: ["admin"],
    summary: "Take an invitation back that nobody has used.",
    request: { params: IdParam },
    responses: { 204: { description: "Done." } },
  });
  api.openapi(revoke, async (c) => {
    requireOperator(c);
    if (!await c.env.studio.invitations.revoke(idOf(c.req.valid("param").id), byOf(c))) {
      throw fail("request.not_found");
    }
    return c.body(null, 204);
  });
}

const DAY_MS = 86_400_000;

async function invite(c: Call, { note, role, days }: z.infer<typeof Invite>): Promise<NewInvitation> {
  const operator = requireOperator(c);
  const { studio } = c.env;
  const token = studio.ids.token(24);
  const now = studio.clock.now();
  const invitation: Invitation = {
    id: studio.ids.uuid7(),
    tokenHash: studio.hashToken(token),
    note: note.trim(),
    role,
    createdBy: operator.id,
    createdAt: now,
    expiresAt: now + days * DAY_MS,
    usedAt: null,
    usedBy: null,
  };
  await studio.invitations.create(invitation, byOf(c));
  const base = studio.settings.publicUrl || c.req.url;
  const url = new URL(`/register?invite=${token}`, base).href;
  return { ...showInvitation(c, invitation), url };
}

function showInvitation(c: Call, one: Invitation): ShownInvitation {
  const isOver = one.expiresAt <= c.env.studio.clock.now();
  return {
    id: one.id,
    note: one.note,
    role: one.role,
    state: one.usedAt !== null ? "used" : isOver ? "expired" : "open",
    usedBy: one.usedBy,
    createdAt: iso(one.createdAt),
    expiresAt: iso(one.expiresAt),
  };
}

async function readPeople(c: Call): Promise<ShownPeople> {
  const { accounts, quotas, settings: { limits } } = c.env.studio;
  const spent = new Map((await quotas.spend()).map((one) => [one.userId, one]));
  const items = (await accounts.list()).map((member) => {
    const { day, diskBytes } = spent.get(member.id) ?? { day: { gpuSeconds: 0 }, diskBytes: 0 };
    return showMember(member, { gpuMinutes: day.gpuSeconds / 60, diskBytes });
  });
  const { queued: jobsMax, running: runningMax, gpuMinutes: gpuMinutesMax, diskBytes } = limits;
  const diskGbMax = diskBytes === null ? null : diskBytes / 1e9;
  return { items, usual: { jobsMax, runningMax, gpuMinutesMax, diskGbMax } };
}

function showMember(member: Member, used: Pick<ShownMember, "gpuMinutes" | "diskBytes">): ShownMember {
  const { id, email, role, createdAt, disabledAt, seenAt, jobs, open, running, rev } = member;
  const { jobsMax, runningMax, gpuMinutesMax, diskGbMax, weight } = member;
  return {
    id,
    email,
    role,
    createdAt: iso(createdAt),
    disabledAt: isoOrNull(disabledAt),
    seenAt: isoOrNull(seenAt),
    jobs,
    open,
    running,
    rev,
    ...used,
    jobsMax,
    runningMax,
    gpuMinutesMax,
    diskGbMax,
    weight,
  };
}
