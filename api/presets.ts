/** Named settings of a person: list, keep, change, remove. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Preset } from "@/core/presets.ts";
import { fail } from "@/core/problem.ts";
import { MODES } from "@/core/request.ts";
import type { ShownPreset as Shown } from "@/core/shown.ts";
import type { Api, Call } from "./env.ts";
import { NegativePrompt, Settings } from "./job_schemas.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam, iso, plainText, Time } from "./schemas.ts";
import { requireUser } from "./session.ts";

const PRESETS_MAX = 100;

const PresetBody = z.strictObject({
  name: plainText(80).transform((name) => name.trim()).refine((name) => name !== "", "must not be empty"),
  mode: z.enum(MODES, `must be one of ${MODES.join(", ")}`),
  submode: z.string().regex(/^[a-z0-9_]{1,40}$/, "must be the name of a submode").nullable().default(null),
  negativePrompt: NegativePrompt.default(""),
  settings: Settings.prefault({}),
}).refine(
  ({ mode, submode }) => mode !== "animate" || submode === null || submode === "move" || submode === "mix",
  { message: "must be move or mix", path: ["submode"] },
).openapi("PresetBody");
type PresetBody = z.infer<typeof PresetBody>;

const ShownPreset = z.object({
  id: z.string(),
  name: z.string(),
  mode: z.string(),
  submode: z.string().nullable(),
  negativePrompt: z.string(),
  settings: z.record(z.string(), z.unknown()),
  createdAt: Time,
  updatedAt: Time,
}).openapi("Preset");

const body = { required: true, content: { "application/json": { schema: PresetBody } } };
const shown = { description: "The preset.", content: { "application/json": { schema: ShownPreset } } };

export function addPresets(api: Api): void {
  const list = createRoute({
    method: "get",
    path: "/presets",
    tags: ["presets"],
    summary: "Own presets, by name.",
    responses: {
      200: {
        description: "All of them.",
        content: { "application/json": { schema: z.object({ items: z.array(ShownPreset) }) } },
      },
    },
  });
  api.openapi(list, async (c) => {
    const presets = await c.env.studio.presets.list(requireUser(c).id);
    return c.json({ items: presets.map(showPreset) }, 200);
  });

  const create = createRoute({
    method: "post",
    path: "/presets",
    tags: ["presets"],
    summary: "Keep settings under a name.",
    request: { body },
    responses: { 201: shown, ...refusals(409) },
  });
  api.openapi(create, async (c) => {
    const { studio } = c.env;
    const known = await studio.presets.list(requireUser(c).id);
    if (known.length >= PRESETS_MAX) {
      const message = `At most ${PRESETS_MAX} presets. Remove one first.`;
      throw fail("request.conflict", { message, fields: [{ path: "name", message }] });
    }
    return c.json(await putPreset(c, c.req.valid("json"), null), 201);
  });

  addOne(api);
}

function addOne(api: Api): void {
  const change = createRoute({
    method: "put",
    path: "/presets/{id}",
    tags: ["presets"],
    summary: "Change name and settings.",
    request: { params: IdParam, body },
    responses: { 200: shown, ...refusals(409) },
  });
  api.openapi(change, async (c) => {
    const { id } = c.req.valid("param");
    const known = await c.env.studio.presets.find(requireUser(c).id, idOf(id));
    if (known === null) throw fail("request.not_found");
    return c.json(await putPreset(c, c.req.valid("json"), known), 200);
  });

  const remove = createRoute({
    method: "delete",
    path: "/presets/{id}",
    tags: ["presets"],
    summary: "Remove it; jobs made with it stay as they are.",
    request: { params: IdParam },
    responses: { 204: { description: "Gone." } },
  });
  api.openapi(remove, async (c) => {
    const removed = await c.env.studio.presets.remove(requireUser(c).id, idOf(c.req.valid("param").id));
    if (!removed) throw fail("request.not_found");
    return c.body(null, 204);
  });
}

async function putPreset(c: Call, wanted: PresetBody, known: Preset | null): Promise<Shown> {
  const { studio } = c.env;
  const now = studio.clock.now();
  const preset: Preset = {
    ...wanted,
    submode: wanted.mode === "audio" ? null : wanted.submode,
    id: known?.id ?? studio.ids.uuid7(),
    userId: requireUser(c).id,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  if (await studio.presets.put(preset) === "kept") return showPreset(preset);
  const message = "You have a preset of this name. Choose another name.";
  throw fail("request.conflict", { message, fields: [{ path: "name", message }] });
}

export function showPreset({ userId: _userId, createdAt, updatedAt, ...preset }: Preset): Shown {
  return { ...preset, createdAt: iso(createdAt), updatedAt: iso(updatedAt) };
}
