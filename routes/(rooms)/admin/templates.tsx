/** Templates, for operators: every version of each, and a graph of one's own looked at before it is taken in. */
import { type Context, page } from "fresh";
import { AdminFrame } from "@/components/admin/frame.tsx";
import { BringForm, type BringValues } from "@/components/admin/bring.tsx";
import { ProposalForm } from "@/components/admin/proposal.tsx";
import { Missing } from "@/components/admin/missing.tsx";
import { TemplateList } from "@/components/admin/templates.tsx";
import type { ShownBackend, ShownKnownLacks, ShownProposal, ShownTemplates } from "@/core/shown_admin.ts";
import { templates as words } from "@/core/words/templates.ts";
import { GRAPH_BYTES_MAX, nameFor } from "@/core/workflow/import/read.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { type Fields, type FormFile, readForm } from "../../(_shared)/form.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";
import type { State } from "../../(_shared)/state.ts";

interface Shown {
  shelf: ShownTemplates;
  servers: ShownBackend[];
  known: ShownKnownLacks["items"];
  values: BringValues;
  refused: Refused;
  proposal: ShownProposal | null;
  done: string;
  now: number;
}

const HERE = "/admin/templates";
const FIRST: BringValues = { name: "", title: "", mode: "", text: "", more: "", fresh: false, chosen: {} };
const LIMITS = { fieldSize: GRAPH_BYTES_MAX, fields: 150, files: 1, parts: 160 };

type Ctx = Context<State>;

export const handler = define.handlers({
  async GET(ctx) {
    const taken = ctx.url.searchParams.get("taken") ?? "";
    const shown = await shownWith(ctx, {});
    const isThere = shown.shelf.items.some(({ id, versions }) => `${id} ${versions[0]?.version}` === taken);
    return page({ ...shown, done: isThere ? words.taken(taken) : "" });
  },

  async POST(ctx) {
    const { fields, file } = await readBrought(ctx.req);
    const { values, wrong } = valuesOf(fields, file);
    if (wrong !== "") return page(await shownWith(ctx, { values, wrong }), { status: 422 });
    const body = bodyOf(values);
    const isTaken = fields.get("act")?.at(-1) === "accept";
    if (isTaken) {
      const answer = await ask<ShownProposal>(ctx, "/api/admin/templates", { body });
      if (answer.ok) {
        const { id, version } = answer.body;
        return ctx.redirect(`${HERE}?taken=${encodeURIComponent(`${id} ${version}`)}`, 303);
      }
    }
    const looked = await ask<ShownProposal>(ctx, "/api/admin/templates/proposals", { body });
    if (looked.ok) {
      return page(await shownWith(ctx, { values, proposal: looked.body }), { status: isTaken ? 422 : 200 });
    }
    const refused = refusedBy(looked.problem, ["name", "title", "mode"]);
    return page({ ...await shownWith(ctx, { values }), refused }, {
      status: looked.status,
      headers: headersOf(looked.response),
    });
  },
});

async function shownWith(
  ctx: Ctx,
  { values = FIRST, wrong = "", proposal = null }: {
    values?: BringValues;
    wrong?: string;
    proposal?: ShownProposal | null;
  },
): Promise<Shown> {
  const [shelf, { items: servers }, { items: known }] = await Promise.all([
    read<ShownTemplates>(ctx, "/api/admin/templates"),
    read<{ items: ShownBackend[] }>(ctx, "/api/admin/backends"),
    read<ShownKnownLacks>(ctx, "/api/admin/lacks"),
  ]);
  const refused = wrong === "" ? NOT_REFUSED : { text: "", wrong: { file: wrong } };
  return { shelf, servers, known, values, refused, proposal, done: "", now: ctx.state.studio.clock.now() };
}

interface BroughtFile {
  name: string;
  /** Null where it is too large or no text. */
  text: string | null;
  tooLarge: boolean;
}

async function readBrought(req: Request): Promise<{ fields: Fields; file: BroughtFile | null }> {
  let file: BroughtFile | null = null;
  const fields = await readForm(req, async (sent) => {
    file = await readText(sent);
  }, LIMITS);
  return { fields, file };
}

/** Of a file that is too long nothing is kept, but it is read to its end: the form comes after it. */
async function readText({ name, content }: FormFile): Promise<BroughtFile> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.byteLength;
    if (bytes > GRAPH_BYTES_MAX) pieces = [];
    else pieces.push(piece);
  }
  if (bytes > GRAPH_BYTES_MAX) return { name, text: null, tooLarge: true };
  try {
    const text = await new Blob(pieces as BlobPart[]).arrayBuffer();
    return { name, text: new TextDecoder("utf-8", { fatal: true }).decode(text), tooLarge: false };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { name, text: null, tooLarge: false };
    throw thrown;
  }
}

function valuesOf(fields: Fields, file: BroughtFile | null): { values: BringValues; wrong: string } {
  const field = (name: string) => fields.get(name)?.at(-1) ?? "";
  const chosen = [...fields].flatMap(([name, given]) =>
    name.startsWith("bind.") ? [[name.slice("bind.".length), given.at(-1) ?? ""]] : []
  );
  const text = file?.text ?? field("text");
  const values: BringValues = {
    name: field("name").trim() || (file ? nameFor(file.name) : ""),
    title: field("title").trim(),
    mode: field("mode"),
    text,
    more: field("more"),
    fresh: field("fresh") !== "",
    chosen: Object.fromEntries(chosen),
  };
  if (file?.tooLarge) return { values, wrong: words.bring.tooLarge };
  if (file && file.text === null) return { values, wrong: words.bring.noText };
  return { values, wrong: text === "" ? words.bring.noFile : "" };
}

function bodyOf({ name, title, mode, text, more, fresh, chosen }: BringValues) {
  const rows = Object.entries(chosen).filter(([, place]) => place !== "").map(([role, place]) =>
    `${role}=${place}`
  );
  const lines = more.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return { text, name, title, mode, bind: [...rows, ...lines], fresh };
}

export default define.page<typeof handler>((
  { data: { shelf, servers, known, values, refused, proposal, done, now } },
) => (
  <AdminFrame here={HERE} now={now} done={done} wrong={refused.text}>
    {proposal
      ? <ProposalForm proposal={proposal} values={values} action={HERE} />
      : <BringForm values={values} refused={refused} action={HERE} />}
    <TemplateList shelf={shelf} />
    <Missing servers={servers} known={known} now={now} />
  </AdminFrame>
));
