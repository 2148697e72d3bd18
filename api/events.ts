/** `GET /api/events`: everything that happens to a person's jobs, as one stream per client. */
import { createRoute, z } from "@hono/zod-openapi";
import { Id } from "@/core/ids.ts";
import { openAudiences, STREAMS_MAX } from "./audience.ts";
import type { Api } from "./env.ts";
import { viewerOf } from "./jobs.ts";
import { failField } from "./problems.ts";
import { isStillIn, requireUser } from "./session.ts";
import { openStream } from "./stream.ts";

export function addEvents(api: Api): void {
  const audienceOf = openAudiences();
  const route = createRoute({
    method: "get",
    path: "/events",
    tags: ["events"],
    summary:
      "Server-sent events: `snapshot`, `job` (its id is the sequence number), `progress` and `maintenance`.",
    description:
      "`maintenance` tells its `note`, null while the studio works, first of all and at each change. " +
      `A person may have ${STREAMS_MAX} streams at once. One more ends the oldest, which is told ` +
      "`replaced` and to come back no sooner than after a minute.",
    request: {
      query: z.strictObject({
        jobs: z.string().max(4000).optional().openapi({ description: "Ids, by comma." }),
        after: z.string().regex(/^\d{1,15}$/, "must be a sequence number").optional().openapi({
          description: "The last event that the client knows, for one that begins anew. The header wins.",
        }),
      }),
      headers: z.object({ "last-event-id": z.string().optional() }),
    },
    responses: {
      200: { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
    },
  });
  api.openapi(route, (c) => {
    const user = requireUser(c);
    const { studio } = c.env;
    const { jobs, after } = c.req.valid("query");
    const asked = c.req.header("last-event-id") ?? after;
    const stream = openStream(studio, {
      user,
      viewer: viewerOf(c),
      lastSeen: asked !== undefined && /^\d{1,15}$/.test(asked) ? Number(asked) : null,
      jobs: readIds(jobs),
      audience: audienceOf(studio),
      isSignedIn: isStillIn(c),
    });
    return new Response(stream, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
  });
}

function readIds(text: string | undefined): Set<string> | null {
  if (text === undefined) return null;
  const ids = z.array(Id).max(100).safeParse(text.split(",").filter((id) => id !== ""));
  if (!ids.success) throw failField("jobs", "must be at most 100 job ids, separated by commas");
  return new Set(ids.data);
}
