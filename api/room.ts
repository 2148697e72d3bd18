/** What lies in storage, and for how long there is room: for operators. */
import { createRoute, z } from "@hono/zod-openapi";
import { daysLeft, PACE_DAYS, STORED_KINDS } from "@/core/room.ts";
import type { ShownRoom } from "@/core/shown_room.ts";
import type { Api } from "./env.ts";
import { requireOperator } from "./session.ts";

const Room = z.object({
  place: z.enum(["disk", "bucket"]),
  freeBytes: z.number().nullable().openapi({ description: "Null in a bucket." }),
  minBytes: z.number().openapi({ description: "Below so many free bytes nothing new starts." }),
  kinds: z.array(z.object({ kind: z.enum(STORED_KINDS), files: z.int(), bytes: z.number() })).openapi({
    description:
      "What people brought, finished films, what films are made from, and the trash; the same content once.",
  }),
  cameBytes: z.number().openapi({ description: `What came within ${PACE_DAYS} days.` }),
  daysLeft: z.int().nullable().openapi({
    description: "Until nothing new starts, if as much comes as of late and nothing goes.",
  }),
}).openapi("Room");

export function addRoom(api: Api): void {
  const route = createRoute({
    method: "get",
    path: "/admin/storage",
    tags: ["admin"],
    summary: "What lies in storage by kind, and for how many days there is room.",
    responses: {
      200: { description: "Sums and forecast.", content: { "application/json": { schema: Room } } },
    },
  });
  api.openapi(route, async (c) => {
    requireOperator(c);
    const room = await c.env.studio.rooms.read();
    const shown: ShownRoom = { ...room, daysLeft: daysLeft(room) };
    return c.json(shown, 200);
  });
}
