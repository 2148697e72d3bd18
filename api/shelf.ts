/** The shelf: every mode with what it wants and who can make it; operators also see what is missing and where to get it. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import type { ShelfItem } from "@/core/shelf.ts";
import type { ShownShelf } from "@/core/shown_shelf.ts";
import { LackLine } from "./admin_servers.ts";
import type { Api } from "./env.ts";
import { requireUser } from "./session.ts";

const Server = z.object({
  id: z.string(),
  engine: z.enum(["draft", "comfy"]),
  n: z.int(),
  of: z.int(),
  isUp: z.boolean(),
  standing: z.enum(["whole", "enough", "low", "poor", "unknown"]).openapi({
    description:
      "Whether it has all, all but what some answers need, little memory, too little, or has not told.",
  }),
  preset: z.string().nullable().openapi({ description: "The preset that is used where memory is little." }),
  lines: z.array(LackLine).openapi({ description: "What is missing; for operators alone." }),
});
const Item = z.object({
  id: z.string(),
  version: z.string(),
  mode: z.string(),
  submode: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  icon: z.string(),
  state: z.enum(["pending", "unverified", "verified"]),
  verified: z.object({ comfyui: z.string(), date: z.string(), gpu: z.string() }).nullable(),
  delivers: z.enum(["film", "still"]),
  presets: z.array(z.object({ name: z.string(), title: z.string() })),
  vramGb: z.number(),
  modelsGb: z.object({ known: z.number(), unknown: z.int() }).openapi({
    description: "Size of all model files, and how many of them have none that is known.",
  }),
  exampleUrl: z.string().nullable(),
  servers: z.array(Server),
  forOperators: z.object({
    comfyui: z.string(),
    notes: z.array(z.string()),
    packs: z.array(z.object({ name: z.string(), source: z.string(), commit: z.string() })),
    models: z.array(z.object({
      file: z.string(),
      folder: z.string(),
      source: z.string(),
      licence: z.string(),
      sizeGb: z.number().nullable(),
      only: z.string().nullable(),
    })),
  }).nullable(),
}).openapi("ShelfItem");

export function addShelf(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/shelf",
    tags: ["jobs"],
    summary: "Every mode, what it needs, and which server can make it.",
    responses: {
      200: {
        description: "The shelf.",
        content: { "application/json": { schema: z.object({ items: z.array(Item) }) } },
      },
    },
  });
  api.openapi(list, async (c) => {
    const isOperator = requireUser(c).role === "operator";
    const { shelf } = c.env.studio;
    const items = await shelf.list();
    shelf.draw();
    return c.json({ items: items.map((item) => show(item, isOperator)) } satisfies ShownShelf, 200);
  });

  const example = createRoute({
    method: "get",
    path: "/shelf/examples/{name}",
    tags: ["jobs"],
    summary: "A picture that the draft renderer made with a mode.",
    request: { params: z.object({ name: z.string().regex(/^[a-z0-9_-]+$/).max(200) }) },
    responses: {
      200: {
        description: "WebP.",
        content: { "image/webp": { schema: z.string().openapi({ format: "binary" }) } },
      },
    },
  });
  api.openapi(example, async (c) => {
    requireUser(c);
    const bytes = await c.env.studio.shelf.example(c.req.valid("param").name);
    if (bytes === null) throw fail("request.not_found");
    return c.body(bytes, 200, { "content-type": "image/webp", "cache-control": "private, max-age=86400" });
  });
}

function show(item: ShelfItem, isOperator: boolean): ShownShelf["items"][number] {
  const { notes, comfyui, packs, models, example, servers, ...shown } = item;
  const known = models.reduce((sum, { sizeGb }) => sum + (sizeGb ?? 0), 0);
  return {
    ...shown,
    modelsGb: { known, unknown: models.filter(({ sizeGb }) => sizeGb === null).length },
    exampleUrl: example === null ? null : `/api/shelf/examples/${example}`,
    servers: servers.map((server) => isOperator ? server : { ...server, lines: [] }),
    forOperators: isOperator ? { comfyui, notes, packs, models } : null,
  };
}
