/** `GET /api/health`: each part by itself, each with its own time limit, so that none can hold up the answer. */
import { createRoute, z } from "@hono/zod-openapi";
import { Standing, standingOf } from "./admin_maintenance.ts";
import type { Api, Call } from "./env.ts";
import type { HealthNote, Studio } from "./studio.ts";

/** Under the five seconds that the whole answer may take. */
export const PART_LIMIT_MS = 4000;

const Part = z.object({
  state: z.enum(["ok", "degraded", "down", "not_configured", "not_tried"]),
  note: z.string().optional().openapi({ description: "Only for operators." }),
});
export const Health = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  parts: z.record(z.string(), Part),
  maintenance: Standing.openapi({
    description: "Since when nothing new starts; null while the studio works.",
  }),
}).openapi("Health");

/** Without these nothing works; anything else that fails only degrades the studio. */
const VITAL = ["db", "storage"];

export function addHealth(api: Api): void {
  const content = { "application/json": { schema: Health } };
  const route = createRoute({
    method: "get",
    path: "/health",
    tags: ["health"],
    summary: "State of every part: database, queue, render servers, storage, media, providers.",
    responses: {
      200: { description: "Works, perhaps with parts missing.", content },
      503: { description: "A vital part is down.", content },
    },
  });
  api.openapi(route, async (c) => {
    const health = await readHealth(c);
    c.header("cache-control", "no-store");
    return health.status === "down" ? c.json(health, 503) : c.json(health, 200);
  });
}

export async function readHealth(c: Call): Promise<z.infer<typeof Health>> {
  const { studio } = c.env;
  const operator = c.get("user")?.role === "operator";
  const names = Object.keys(studio.health);
  const notes = await Promise.all(names.map((name) => askPart(studio, name)));
  const parts: z.infer<typeof Health>["parts"] = {};
  for (const [index, name] of names.entries()) {
    const { state, note } = notes[index] ?? { state: "down" };
    parts[name] = operator && note !== undefined ? { state, note } : { state };
  }
  // Without its database the studio cannot tell; that it is down says enough.
  const maintenance = await standingOf(c).catch(() => null);
  const isDown = VITAL.some((name) => parts[name]?.state === "down");
  const isWhole = !Object.values(parts).some(({ state }) => state === "degraded" || state === "down");
  return { status: isDown ? "down" : isWhole ? "ok" : "degraded", parts, maintenance };
}

/** A part that throws or stays silent is down; its call is told to stop and is not waited for. */
async function askPart(studio: Studio, name: string): Promise<HealthNote> {
  const over = new AbortController();
  const limit = studio.clock.sleep(PART_LIMIT_MS, over.signal)
    .then((): HealthNote => ({ state: "down", note: `no answer within ${PART_LIMIT_MS} ms` }));
  limit.catch(() => {});
  try {
    const asked = studio.health[name]?.(over.signal) ?? Promise.resolve<HealthNote>({ state: "down" });
    asked.catch(() => {});
    return await Promise.race([asked, limit]);
  } catch (cause) {
    return { state: "down", note: cause instanceof Error ? cause.message : String(cause) };
  } finally {
    over.abort();
  }
}
