/** `deno task backup DIR`: copies a studio while it runs into a folder that is empty or not there yet. */
import { systemClock } from "@/adapters/system/clock.ts";
import { bytes, count } from "@/core/words/format.ts";
import { makeBackup } from "@/studio/backup/make.ts";
import { chosenFolder, openLine, orSay, readSettings } from "./backup_line.ts";

if (import.meta.main) {
  const to = chosenFolder("backup");
  const line = openLine();
  const { files, database, keys } = await orSay(
    line,
    () => makeBackup({ config: readSettings(), to, clock: systemClock(), onProgress: line.show }),
  );
  line.end(
    `${to}: the database (${bytes(database.bytes)}) and ${count(files.count, "file")} (${
      bytes(files.bytes)
    })` +
      (keys ? ", with the keys: keep it secret." : ". SECRET_KEY and SESSION_SECRET are yours to keep."),
  );
}
