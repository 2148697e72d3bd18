/** Templates for operators: every version of each, and graphs of one's own, looked at first and then taken in. */
import { createRoute, z } from "@hono/zod-openapi";
import { type FieldNote, problem, StudioError } from "@/core/problem.ts";
import type { ShownProposal } from "@/core/shown_admin.ts";
import type { Brought, Proposal } from "@/core/workflow/import/mod.ts";
import type { Api } from "./env.ts";
import { byOf, requireOperator } from "./session.ts";

/** A server that says nothing for so long knows nothing. */
const ASK_LIMIT_MS = 8000;

const Version = z.object({
  version: z.string(),
  state: z.enum(["pending", "unverified", "verified"]),
  verified: z.object({ comfyui: z.string(), date: z.string(), gpu: z.string() }).nullable(),
  own: z.boolean().openapi({ description: "One of the studio's own, not shipped with it." }),
});
const TemplateNote = z.object({
  id: z.string(),
  title: z.string(),
  mode: z.string(),
  submode: z.string().nullable(),
  byName: z.boolean().openapi({ description: "Taken only when a request names it." }),
  versions: z.array(Version).openapi({ description: "The newest first." }),
}).openapi("TemplateNote");
const List = z.object({
  items: z.array(TemplateNote),
  broken: z.array(z.object({ template: z.string(), text: z.string() })).openapi({
    description: "Folders that could not be loaded, and why.",
  }),
});

const Bring = z.strictObject({
  text: z.string("must be the text of an exported graph").openapi({
    description: "The file of Export (API), as text.",
  }),
  name: z.string().max(100).openapi({ description: "family/name. One that is there gets its next version." }),
  title: z.string().max(80).default(""),
  mode: z.string().max(40).default(""),
  submode: z.string().max(40).default(""),
  bind: z.array(z.string().max(300)).max(200).default([]).openapi({
    description: "`role=node.input`, several of one role add up; `role=none` unbinds.",
  }),
  fresh: z.boolean().default(false).openapi({
    description: "Begin anew although a template of this name is there.",
  }),
}).openapi("BroughtGraph");

const Fault = z.object({ node: z.string().nullable(), input: z.string().nullable(), text: z.string() });
const Option = z.object({ value: z.string(), label: z.string() });
const ShownProposalSchema = z.object({
  id: z.string(),
  version: z.string(),
  basis: z.string().nullable().openapi({ description: "The version whose description this one carries on." }),
  whole: z.boolean().openapi({ description: "Nothing is wrong: it can be taken in." }),
  rows: z.array(z.object({
    role: z.string(),
    title: z.string(),
    state: z.enum(["bound", "unbound", "missing"]),
    places: z.array(z.object({
      place: z.string(),
      label: z.string(),
      value: z.string(),
      by: z.enum(["mark", "link", "class", "hand"]),
    })),
    choices: z.array(Option),
  })),
  faults: z.array(Fault),
  notes: z.array(z.string()),
}).openapi("TemplateProposal");

export function addAdminTemplates(api: Api): void {
  const tags = ["admin"];
  const body = { required: true, content: { "application/json": { schema: Bring } } };
  const answer = (description: string) => ({
    description,
    content: { "application/json": { schema: ShownProposalSchema } },
  });
  const list = createRoute({
    method: "get",
    path: "/admin/templates",
    tags,
    summary: "Every template with its versions, and the folders that do not load.",
    responses: {
      200: { description: "The shelf.", content: { "application/json": { schema: List } } },
    },
  });
  api.openapi(list, (c) => {
    requireOperator(c);
    const { templates } = c.env.studio;
    return c.json({ items: templates.list(), broken: templates.broken() }, 200);
  });

  const look = createRoute({
    method: "post",
    path: "/admin/templates/proposals",
    tags,
    summary: "What would become of a graph: what is bound, unbound, missing and wrong. Nothing is stored.",
    request: { body },
    responses: { 200: answer("The proposal.") },
  });
  api.openapi(look, async (c) => {
    requireOperator(c);
    const brought = readBrought(c.req.valid("json"));
    const proposal = await c.env.studio.templates.propose(brought, AbortSignal.timeout(ASK_LIMIT_MS));
    return c.json(showProposal(proposal), 200);
  });

  const accept = createRoute({
    method: "post",
    path: "/admin/templates",
    tags,
    summary:
      "Takes a graph in as the next version of a template; where anything is wrong, nothing is stored.",
    request: { body },
    responses: { 201: answer("It can be asked for.") },
  });
  api.openapi(accept, async (c) => {
    requireOperator(c);
    const brought = readBrought(c.req.valid("json"));
    const { templates, audit } = c.env.studio;
    const signal = AbortSignal.timeout(ASK_LIMIT_MS);
    const proposal = await templates.accept(brought, signal, ({ id, version, basis }) => {
      const before = basis === null ? null : { basis };
      return audit.note({ action: "template.take", subject: id, before, after: { version } }, byOf(c));
    });
    if (!proposal.written) throw new StudioError(problem("request.invalid", { fields: notesOf(proposal) }));
    return c.json(showProposal(proposal), 201);
  });
}

function readBrought({ text, name, title, mode, submode, bind, fresh }: z.infer<typeof Bring>): Brought {
  return {
    text,
    id: name,
    bind,
    fresh,
    ...(title === "" ? {} : { title }),
    ...(mode === "" ? {} : { mode }),
    ...(submode === "" ? {} : { submode }),
  };
}

function notesOf({ faults }: Proposal): FieldNote[] {
  return faults.map(({ node, input, text }) => ({
    path: ["text", node, input].filter((part) => part !== undefined).join("."),
    message: text,
  }));
}

function showProposal({ id, version, basis, rows, faults, notes, template }: Proposal): ShownProposal {
  return {
    id,
    version,
    basis,
    whole: template !== null,
    rows: rows.map(({ places, ...row }) => ({
      ...row,
      places: places.map(({ node, input, label, value, by }) => ({
        place: `${node}.${input}`,
        label,
        value,
        by,
      })),
    })),
    faults: faults.map(({ node = null, input = null, text }) => ({ node, input, text })),
    notes,
  };
}
