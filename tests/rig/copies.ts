/** What stands in a data folder, to compare copies by. */
import { DatabaseSync } from "node:sqlite";

/** Every row of every table, as text. */
export function dump(path: string): Map<string, string> {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = file.prepare("select name from sqlite_master where type = 'table' order by name").all();
    return new Map(tables.map(({ name }) => {
      const rows = file.prepare(`select * from "${name}"`).all().map((row) => JSON.stringify(row));
      return [String(name), rows.toSorted().join("\n")];
    }));
  } finally {
    file.close();
  }
}

/** Contents by path, as base64. */
export async function filesBelow(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (!isDirectory) found.set(name, (await Deno.readFile(`${dir}/${name}`)).toBase64());
    else for (const [path, text] of await filesBelow(`${dir}/${name}`)) found.set(`${name}/${path}`, text);
  }
  return found;
}
