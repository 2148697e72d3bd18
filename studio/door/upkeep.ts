/** Maintenance of the whole studio, over the database: it lasts until an operator ends it, also over a restart. */
import { sql, type SqlBool } from "kysely";
import type { By } from "@/core/audit.ts";
import { type Maintenance, MAINTENANCE_KEY, StoredMaintenance, type Upkeep } from "@/core/maintenance.ts";
import type { Clock } from "@/core/ports.ts";
import { writeAudit } from "@/db/audit.ts";
import { decode, encode } from "@/db/codec.ts";
import type { Database } from "@/db/sqlite.ts";
import { readClock } from "@/db/statements.ts";
import { dropStored, readStored, writeStored } from "@/db/system_config.ts";
import { keepFresh } from "./ahead.ts";

const DESCRIPTION = "Nothing new starts while this is here.";

/** Work in the studio that somebody is at: of a film that may not begin it is only looked at again and again. */
const isAtHand = sql<SqlBool>`exists (select 1 from effect where effect.actor_id = step.job_id
  and effect.kind = 'run_local' and effect.status = 'open' and effect.owner is not null
  and effect.req ->> '$.step' = step.id and effect.req ->> '$.take' = step.take)`;

export interface UpkeepParts extends Pick<Database, "reader" | "writer"> {
  clock: Clock;
}

export function openUpkeep({ reader, writer, clock }: UpkeepParts): Upkeep {
  const read = async (on: typeof reader): Promise<Maintenance | null> => {
    const stored = await readStored(on, MAINTENANCE_KEY);
    return stored === null ? null : StoredMaintenance.parse(decode(stored.value));
  };
  const fresh = keepFresh(clock, () => read(reader));
  return {
    read: fresh,
    async begin(note: string, by: By) {
      await writer.transaction().execute(async (tx) => {
        const before = await read(tx);
        const after: Maintenance = { ...before, since: before?.since ?? await readClock(tx), note };
        if (before?.note === note) return;
        await writeStored(tx, { key: MAINTENANCE_KEY, value: encode(after), description: DESCRIPTION });
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
        await dropStored(tx, MAINTENANCE_KEY);
        const facts = { since: new Date(before.since).toISOString(), note: before.note };
        await writeAudit(tx, { action: "studio.open", subject: "studio", before: facts, after: null }, by);
        return true;
      });
      fresh.forget();
      return ended;
    },
    async underWay() {
      const row = await reader.selectFrom("step").where("state", "in", ["granted", "running", "collecting"])
        .where((eb) => eb.or([eb("kind", "!=", "local"), isAtHand]))
        .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
      return Number(row.n);
    },
  };
}
