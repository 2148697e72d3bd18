/** `templates list`: every template with its versions, and the folders that do not load. */
import { listTemplates } from "@/studio/templates.ts";
import { openDesk, say } from "./desk.ts";

export async function listShelf(): Promise<number> {
  const { shelf, folder } = await openDesk();
  const lines = listTemplates(shelf).flatMap(({ id, mode, submode, byName, versions }) =>
    versions.map(({ version, state, own }) =>
      `${id}@${version}  ${mode}/${submode ?? ""}${byName ? " (by name)" : ""}  ${state}  ${
        own ? "own" : "shipped"
      }`
    )
  );
  const broken = shelf.faults.map((fault) => `WRONG: ${fault.operator ?? fault.message}`);
  await say([...lines, ...broken, `Own templates lie in ${folder}.`].join("\n"));
  return broken.length > 0 ? 1 : 0;
}
