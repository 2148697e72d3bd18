/** What can be asked for: the modes with their presets, sizes and optional files, who renders, and the limits. */
import { createRoute, z } from "@hono/zod-openapi";
import type { TypedResponse } from "hono";
import { type Place as PlaceName, PLACES } from "@/core/places.ts";
import type { ShownModes as Shown } from "@/core/shown.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { Shelf } from "@/core/shelf.ts";
import type { Api } from "./env.ts";

const PLACE_NAMES = Object.keys(PLACES) as [PlaceName, ...PlaceName[]];

const Place = z.object({
  place: z.enum(PLACE_NAMES),
  title: z.string(),
  required: z.boolean(),
  effect: z.string().nullable().optional().openapi({ description: "Null: not used by this model." }),
});

const Setting = z.object({
  name: z.string(),
  title: z.string(),
  kind: z.enum(["text", "int", "number", "bool", "choice"]),
  effect: z.string().nullable(),
  scales: z.string().nullable().openapi({ description: "The setting or the file whose strength it is." }),
  default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  options: z.array(z.object({ value: z.string(), title: z.string() })),
});

const Mode = z.object({
  mode: z.string(),
  submode: z.string().nullable(),
  name: z.string().openapi({ description: "Beside its family." }),
  fullName: z.string().openapi({ description: "Standing alone." }),
  title: z.string(),
  description: z.string(),
  icon: z.string(),
  delivers: z.enum(["film", "still"]),
  loops: z.boolean(),
  promptOptional: z.boolean(),
  presets: z.array(z.object({ name: z.string(), title: z.string() })),
  defaultPreset: z.string(),
  size: z.object({
    multiple: z.int(),
    min: z.int(),
    max: z.int(),
    width: z.int(),
    height: z.int(),
    follows: z.enum(PLACE_NAMES).nullable().openapi({
      description: "The file that gives the shape without a wish.",
    }),
  }),
  rate: z.number().nullable(),
  rates: z.object({ min: z.number(), max: z.number() }).nullable().openapi({
    description: "Bounds of other rates, where there may be others.",
  }),
  length: z.object({
    seconds: z.number().nullable(),
    min: z.number(),
    max: z.number().nullable().openapi({ description: "Null: the studio's own bound." }),
    follows: z.enum(PLACE_NAMES).nullable().openapi({ description: "The file that decides without a wish." }),
  }).nullable(),
  places: z.array(Place).openapi({ description: "The files that it takes." }),
  settings: z.array(Setting).openapi({ description: "What `settings.options` may hold." }),
  finishing: z.array(Setting).openapi({ description: "What else `settings` may hold, by path." }),
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
    },
  });
  api.openapi(list, async (c) => {
    const { offer: { modes, engine }, settings, shelf } = c.env.studio;
    const models = engine === "draft" ? [] : await Promise.all(modes.map((mode) => modelsOf(mode, shelf)));
    const limits = {
      references: settings.referenceImagesMax,
      seconds: settings.filmSecondsMax,
      uploadBytes: settings.uploadBytesMax,
    };
    const because = JSON.stringify([engine, limits, models]);
    let kept = texts.get(modes);
    if (kept?.because !== because) {
      const shown: Shown = { items: modes.map((mode, at) => withModels(mode, models[at])), engine, limits };
      texts.set(modes, kept = { because, text: JSON.stringify(shown) });
    }
    return c.newResponse(kept.text, 200, { "content-type": "application/json" }) as
      & Response
      & TypedResponse<Shown, 200, "json">;
  });
}

/** Nearly every page asks for it, so the text is made anew only when something in it has changed: the answer to each offer. */
const texts = new WeakMap<readonly OfferedMode[], { because: string; text: string }>();

const modelChoice = (mode: OfferedMode) => mode.finishing.find(({ name }) => name === "template");

/** Another model than the usual one is offered where a render server has it. Undefined where there is none to choose. */
async function modelsOf(mode: OfferedMode, { canMake }: Shelf): Promise<string[] | undefined> {
  const choice = modelChoice(mode);
  if (!choice) return undefined;
  const names = choice.options.map(({ value }) => value);
  const has = await Promise.all(names.map((name) => name === choice.default || canMake(name)));
  return names.filter((_, at) => has[at]);
}

function withModels(mode: OfferedMode, models: string[] | undefined): OfferedMode {
  const choice = modelChoice(mode);
  if (!choice || !models) return mode;
  const options = choice.options.filter(({ value }) => models.includes(value));
  const others = mode.finishing.filter((setting) => setting !== choice);
  return { ...mode, finishing: options.length > 1 ? [{ ...choice, options }, ...others] : others };
}
