/** `templates check`: the whole shelf against recorded node definitions, or against those of a server. */
import type { Definitions, Template } from "@/core/template.ts";
import { lacksOf, linesOf, wantsOf } from "@/core/preflight.ts";
import { classesOf } from "@/core/workflow/mod.ts";
import { faultsOf } from "@/core/workflow/validate.ts";
import { definitionsFrom, openDesk, readArgs, say } from "./desk.ts";

export async function checkShelf(args: string[]): Promise<number> {
  const read = readArgs(args, { comfy: { type: "string" } });
  const { shelf, config } = await openDesk();
  const url = read.text("comfy");
  const live = url === undefined
    ? null
    : await definitionsFrom(url, config, shelf.templates.flatMap(classesOf));
  const lines: string[] = [];
  let wrong = shelf.faults.length;
  for (const fault of shelf.faults) lines.push(`WRONG  ${fault.operator ?? fault.message}`);
  for (const template of shelf.templates) {
    const { id, version, state } = template.manifest;
    const found = live === null
      ? []
      : [...lackTexts(template, { live, recorded: shelf.definitions }), ...faultTexts(template, live)];
    wrong += found.length;
    lines.push(
      `${found.length === 0 ? "ok   " : "WRONG"}  ${id} ${version}, ${state}`,
      ...found.map((text) => `       ${text}`),
    );
  }
  const against = url === undefined ? "the recorded node definitions" : url;
  lines.push(
    wrong === 0
      ? `Every template is valid by ${against}.`
      : `${wrong} things are wrong, judged by ${against}.`,
  );
  await say(lines.join("\n"));
  return wrong === 0 ? 0 : 1;
}

function lackTexts(
  template: Template,
  { live, recorded }: { live: Definitions; recorded: Definitions },
): string[] {
  const lacks = lacksOf(wantsOf(template, recorded), { definitions: live, vramBytes: null });
  return linesOf(lacks, template.manifest).map(({ text, remedy }) => `${text} ${remedy}`);
}

/** What a server that has all classes would refuse; of a class that it lacks nothing more is said. */
function faultTexts({ manifest, graph }: Template, definitions: Definitions): string[] {
  return faultsOf(manifest, graph, definitions).map(({ text }) => text).filter((text) =>
    !text.includes("unknown class")
  );
}
