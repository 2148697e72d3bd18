/** What can be asked for: the modes with their presets, sizes and optional files, who renders, and the limits. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ShownModes as Shown } from "@/core/shown.ts";
import type { Api } from "./env.ts";
import { REFUSALS } from "./problems.ts";

const Mode = z.object({
  mode: z.string(),
  submode: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  promptOptional: z.boolean(),
  presets: z.array(z.object({ name: z.string(), title: z.string() })),
  defaultPreset: z.string(),
  size: z.object({
    multiple: z.int(),
    min: z.int(),
    max: z.int(),
    width: z.int(),
    height: z.int(),
  }),
  rate: z.number().nullable(),
  optional: z.array(z.object({
    place: z.string(),
    title: z.string(),
    effect: z.string().nullable().openapi({ description: "Null: not used by this model." }),
  })),
}).openapi("Mode");

const Modes = z.object({
  items: z.array(Mode),
  engine: z.enum(["draft", "comfy"]).openapi({ description: "What renders unless a draft is asked for." }),
  limits: z.object({ references: z.int(), seconds: z.number(), uploadBytes: z.int() }),
}).openapi("Modes");

export function addModes(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/modes",
    tags: ["jobs"],
    summary: "What can be asked for here, and the limits.",
    responses: {
      200: { description: "All modes.", content: { "application/json": { schema: Modes } } },
      ...REFUSALS,
    },
  });
  api.openapi(list, (c) => {
    const { offer: { modes, engine }, settings } = c.env.studio;
    const shown: Shown = {
      items: modes,
      engine,
      limits: {
        references: settings.referenceImagesMax,
        seconds: settings.filmSecondsMax,
        uploadBytes: settings.uploadBytesMax,
      },
    };
    return c.json(shown, 200);
  });
}
