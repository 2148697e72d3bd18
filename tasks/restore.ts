/** `deno task restore DIR`: puts a backup into DATA_DIR, which must not hold a studio yet. */
import { systemClock } from "@/adapters/system/clock.ts";
import { bytes, count } from "@/core/words/format.ts";
import { restoreBackup } from "@/studio/backup/restore.ts";
import { chosenFolder, openLine, orSay, readSettings } from "./backup_line.ts";

if (import.meta.main) {
  const from = chosenFolder("restore");
  const config = readSettings();
  const line = openLine();
  const { files, madeAt } = await orSay(
    line,
    () => restoreBackup({ config, from, clock: systemClock(), onProgress: line.show }),
  );
  line.end(
    `${config.DATA_DIR} holds the studio of ${madeAt}, with ${count(files.count, "file")} ` +
      `(${
        bytes(files.bytes)
      }). Start it: nothing runs and nothing is sent before an operator opens it at /admin.`,
  );
}
