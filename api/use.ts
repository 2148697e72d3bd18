/** What people may use, what they use and what it costs: one's own, and for operators everybody's. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ShownSpend, ShownUse } from "@/core/shown_use.ts";
import type { Api } from "./env.ts";
import { isoOrNull, Time } from "./schemas.ts";
import { requireOperator, requireUser } from "./session.ts";

const Use = z.object({
  limits: z.object({
    queued: z.int(),
    running: z.int().nullable(),
    gpuMinutes: z.number().nullable(),
    diskBytes: z.number().nullable(),
  }).openapi({ description: "Null where there is no limit." }),
  queued: z.int().openapi({ description: "Jobs that wait or are under way." }),
  running: z.int().openapi({ description: "Jobs that are on render servers." }),
  gpuSeconds: z.number().openapi({ description: "Rendering within 24 hours." }),
  diskBytes: z.number(),
  reserved: z.object({ gpuSeconds: z.number(), bytes: z.number() }).openapi({
    description: "What films that wait or are under way will still take; zeros where no limit asks for it.",
  }),
  money: z.number().openapi({ description: "Within 30 days." }),
  currency: z.string(),
  freesAt: Time.nullable().openapi({ description: "When minutes are free again; null while some are." }),
}).openapi("Use");
const Sum = z.object({ gpuSeconds: z.number(), money: z.number() });
const Spend = z.object({
  currency: z.string(),
  items: z.array(z.object({
    userId: z.string(),
    email: z.string().nullable(),
    day: Sum,
    month: Sum,
    diskBytes: z.number(),
  })),
}).openapi("Spend");

export function addUse(api: Api): void {
  const own = createRoute({
    method: "get",
    path: "/account/use",
    tags: ["account"],
    summary: "What one may use and what one uses: jobs, minutes of rendering, files, money.",
    responses: {
      200: { description: "Limits and use.", content: { "application/json": { schema: Use } } },
    },
  });
  api.openapi(own, async (c) => {
    const { quotas } = c.env.studio;
    const { limits, use } = await quotas.of(requireUser(c).id, "all");
    const shown: ShownUse = {
      ...use,
      limits,
      currency: quotas.currency,
      freesAt: isoOrNull(use.freesAt),
    };
    return c.json(shown, 200);
  });

  const spend = createRoute({
    method: "get",
    path: "/admin/spend",
    tags: ["admin"],
    summary: "What everybody used within a day and within 30 days, who used most first.",
    responses: {
      200: { description: "Use and cost.", content: { "application/json": { schema: Spend } } },
    },
  });
  api.openapi(spend, async (c) => {
    requireOperator(c);
    const { quotas } = c.env.studio;
    const shown: ShownSpend = { currency: quotas.currency, items: await quotas.spend() };
    return c.json(shown, 200);
  });
}
