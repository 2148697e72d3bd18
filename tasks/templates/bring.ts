/** `templates import`: makes a template of one's own from an export in API format, or says what is wrong with it. */
import type { Template } from "@/core/template.ts";
import { bring, type Change, diffTemplates, nameFor, unknownIn } from "@/core/workflow/import/mod.ts";
import { newest } from "@/core/workflow/versions.ts";
import {
  changeText,
  definitionsFrom,
  type Desk,
  keep,
  Misused,
  openDesk,
  proposalText,
  readArgs,
  readFile,
  say,
} from "./desk.ts";

const OPTIONS = {
  name: { type: "string" },
  mode: { type: "string" },
  submode: { type: "string" },
  title: { type: "string" },
  bind: { type: "string", multiple: true },
  comfy: { type: "string" },
  fresh: { type: "boolean" },
  "dry-run": { type: "boolean" },
} as const;

export async function bringFile(args: string[]): Promise<number> {
  const read = readArgs(args, OPTIONS);
  const [file, more] = read.files;
  if (file === undefined || more !== undefined) throw new Misused("Name one file to import.");
  const text = await readFile(file);
  const desk = await openDesk();
  const { shelf } = desk;
  const unknown = unknownIn(text, shelf.definitions);
  const url = read.text("comfy");
  const classes = url === undefined || unknown.length === 0
    ? {}
    : await definitionsFrom(url, desk.config, unknown);
  const [mode, submode = read.text("submode")] = read.text("mode")?.split("/") ?? [];
  const title = read.text("title");
  const proposal = bring({
    text,
    id: read.text("name") ?? nameFor(file),
    bind: read.texts("bind"),
    fresh: read.has("fresh"),
    ...(mode === undefined ? {} : { mode }),
    ...(submode === undefined ? {} : { submode }),
    ...(title === undefined ? {} : { title }),
  }, { templates: shelf.templates, definitions: { ...classes, ...shelf.definitions } });
  await say(proposalText(proposal));
  const { template } = proposal;
  if (template === null) {
    await say(
      "Nothing was written. Correct it in ComfyUI, or say where things are with --bind role=node.input.",
    );
    return 1;
  }
  const changes = changesOf(desk, template);
  if (changes !== null) await say(changes.map(changeText).join("\n"));
  if (changes !== null && changes.every(({ where }) => where === "version")) {
    await say("It is the same as the version before, so nothing was written.");
    return 0;
  }
  if (read.has("dry-run")) {
    await say("Nothing was written, as asked.");
    return 0;
  }
  await say(
    `Written to ${await keep(desk, template, classes)}. A running studio takes it up within seconds.`,
  );
  return 0;
}

/** What is new beside the version before; null where there is none. */
function changesOf({ shelf }: Desk, template: Template): Change[] | null {
  const before = newest(shelf.templates).find(({ manifest }) => manifest.id === template.manifest.id);
  return before ? diffTemplates(before, template) : null;
}
