/** The audit log for operators: by page, and as JSON lines to take along. */
import { createRoute, z } from "@hono/zod-openapi";
import { AUDITED_THINGS, type AuditFilter, type AuditRecord } from "@/core/audit.ts";
import { fail } from "@/core/problem.ts";
import type { ShownAudit, ShownAuditRecord } from "@/core/shown_audit.ts";
import type { Api, Call } from "./env.ts";
import { fieldsOf } from "./problems.ts";
import { disposition } from "./range.ts";
import { iso, Time } from "./schemas.ts";
import { requireOperator } from "./session.ts";

const Facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()).nullable();
const Entry = z.object({
  id: z.string(),
  at: Time,
  action: z.string().openapi({ description: "As `backend.drain`." }),
  subject: z.string().openapi({ description: "Id of what was changed; empty for a person who has left." }),
  about: z.string().nullable().openapi({
    description: "What it is about: the address of a person, the name of a server, the title of a film.",
  }),
  byStudio: z.boolean().openapi({ description: "The studio did it by itself, as it is set." }),
  byMachine: z.boolean().openapi({ description: "Whoever runs the machine did it, over the data folder." }),
  person: z.object({ id: z.string(), email: z.string() }).nullable().openapi({
    description: "Who did it; null once they have left.",
  }),
  tokenId: z.string().nullable().openapi({ description: "The API token, where a program asked." }),
  address: z.string().nullable().openapi({ description: "The network address that it came from." }),
  before: Facts,
  after: Facts,
}).openapi("AuditEntry");
const Page = z.object({ items: z.array(Entry), next: z.string().nullable() }).openapi("AuditPage");

const Day = z.iso.datetime({ offset: true, error: "must be a time, as 2026-11-21T00:00:00Z" });
const Filter = {
  thing: z.enum(AUDITED_THINGS, `must be one of ${AUDITED_THINGS.join(", ")}`).optional(),
  person: z.string().max(100).optional().openapi({ description: "Id of who did it." }),
  subject: z.string().max(300).optional().openapi({ description: "Id of what was changed." }),
  from: Day.optional(),
  until: Day.optional().openapi({ description: "Before this time." }),
};
const Asked = z.strictObject({
  ...Filter,
  cursor: z.string().regex(/^\d{1,15}$/, "is no place in this list").optional()
    .openapi({ description: "`next` of the page before." }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Exported = z.strictObject(Filter);

const PER_READ = 500;

export function addAudit(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/admin/audit",
    tags: ["admin"],
    summary: "What operators changed, newest first.",
    request: { query: Asked },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Page } } },
    },
  });
  api.openapi(list, async (c) => {
    requireOperator(c);
    const { cursor, limit, ...asked } = c.req.valid("query");
    const before = cursor === undefined ? null : Number(cursor);
    const rows = await c.env.studio.audit.list(filterOf(asked), { before, limit: limit + 1 });
    const items = rows.slice(0, limit).map(showRecord);
    const answer: ShownAudit = { items, next: rows.length > limit ? items.at(-1)?.id ?? null : null };
    return c.json(answer, 200);
  });

  const asLines = createRoute({
    method: "get",
    path: "/admin/audit/export",
    tags: ["admin"],
    summary: "The same as JSON lines, as a whole: one entry a line.",
    request: { query: Exported },
    responses: {
      200: { description: "The lines.", content: { "application/x-ndjson": { schema: z.string() } } },
    },
  });
  // Registered by hand: the typed way takes these lines for one JSON value.
  api.openAPIRegistry.registerPath(asLines);
  api.get(asLines.getRoutingPath(), (c) => {
    requireOperator(c);
    const asked = Exported.safeParse(c.req.query());
    if (!asked.success) throw fail("request.invalid", { fields: fieldsOf(asked.error) });
    const headers = {
      "content-type": "application/x-ndjson; charset=utf-8",
      "content-disposition": disposition(
        `Animatrix audit - ${iso(c.env.studio.clock.now()).slice(0, 10)}.jsonl`,
      ),
    };
    if (c.req.raw.method === "HEAD") return new Response(null, { headers });
    const lines = ReadableStream.from(writeLines(c, filterOf(asked.data)));
    return new Response(lines.pipeThrough(new TextEncoderStream()), { headers });
  });
}

async function* writeLines(c: Call, filter: AuditFilter): AsyncGenerator<string> {
  let before: number | null = null;
  while (true) {
    const rows: AuditRecord[] = await c.env.studio.audit.list(filter, { before, limit: PER_READ });
    if (rows.length > 0) yield rows.map((row) => JSON.stringify(showRecord(row)) + "\n").join("");
    if (rows.length < PER_READ) return;
    before = rows.at(-1)?.seq ?? null;
  }
}

function filterOf({ thing, person, subject, from, until }: z.infer<typeof Exported>): AuditFilter {
  return {
    thing: thing ?? null,
    personId: person ?? null,
    subject: subject ?? null,
    from: from === undefined ? null : Date.parse(from),
    until: until === undefined ? null : Date.parse(until),
  };
}

function showRecord({ seq, at, ...record }: AuditRecord): ShownAuditRecord {
  return { id: String(seq), at: iso(at), ...record };
}
