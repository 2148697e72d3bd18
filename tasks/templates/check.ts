/** `templates check`: the whole shelf against recorded node definitions, or against those of a server. */
import type { Template } from "@/core/template.ts";
import { classesOf, lacksOf } from "@/core/workflow/mod.ts";
import { faultsOf } from "@/core/workflow/validate.ts";
import type { Definitions } from "@/core/template.ts";
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
    const found = live === null ? [] : [...lackTexts(template, live), ...faultTexts(template, live)];
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

function lackTexts(template: Template, definitions: Definitions): string[] {
  const { classes, models } = lacksOf(template, { definitions, vramBytes: null });
  return [
    ...classes.map(({ name, pack }) =>
      `the node class ${name} is missing${
        pack ? `: install ${pack.name} from ${pack.source} at ${pack.commit}` : ""
      }`
    ),
    ...models.map(({ file, folder, source }) => `models/${folder}/${file} is missing, from ${source}`),
  ];
}

/** What a server that has all classes would refuse; of a class that it lacks nothing more is said. */
function faultTexts({ manifest, graph }: Template, definitions: Definitions): string[] {
  return faultsOf(manifest, graph, definitions).map(({ text }) => text).filter((text) =>
    !text.includes("unknown class")
  );
}
