/** Maintenance of the whole studio, over the database: it lasts until an operator ends it, also over a restart. */
import type { By } from "@/core/audit.ts";
import { type Maintenance, StoredMaintenance, type Upkeep } from "@/core/maintenance.ts";
import type { Clock } from "@/core/ports.ts";
import { writeAudit } from "@/db/audit.ts";
import { decode, encode } from "@/db/codec.ts";
import type { Database } from "@/db/sqlite.ts";
import { readClock } from "@/db/statements.ts";
import { dropStored, readStored, writeStored } from "@/db/system_config.ts";
import { keepFresh } from "./ahead.ts";

const KEY = "maintenance";
const DESCRIPTION = "Nothing new starts while this is here.";

export interface UpkeepParts extends Pick<Database, "reader" | "writer"> {
  clock: Clock;
}

export function openUpkeep({ reader, writer, clock }: UpkeepParts): Upkeep {
  const read = async (on: typeof reader): Promise<Maintenance | null> => {
    const stored = await readStored(on, KEY);
    return stored === null ? null : StoredMaintenance.parse(decode(stored.value));
  };
  const fresh = keepFresh(clock, () => read(reader));
  return {
    read: fresh,
    async begin(note: string, by: By) {
      await writer.transaction().execute(async (tx) => {
        const before = await read(tx);
        const after: Maintenance = { since: before?.since ?? await readClock(tx), note };
        if (before?.note === note) return;
        await writeStored(tx, { key: KEY, value: encode(after), description: DESCRIPTION });
        const told = before === null ? null : { note: before.note };
        await writeAudit(
          tx,
          { action: "studio.drain", subject: "studio", before: told, after: { note } },
          by,
        );
      });
      fresh.forget();
    },
    async end(by: By) {
      const ended = await writer.transaction().execute(async (tx) => {
        const before = await read(tx);
        if (before === null) return false;
        await dropStored(tx, KEY);
        const facts = { since: new Date(before.since).toISOString(), note: before.note };
        await writeAudit(tx, { action: "studio.open", subject: "studio", before: facts, after: null }, by);
        return true;
      });
      fresh.forget();
      return ended;
    },
    async underWay() {
      const row = await reader.selectFrom("step").where("state", "in", ["granted", "running", "collecting"])
        .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
      return Number(row.n);
    },
  };
}
