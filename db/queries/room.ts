/** What the files of the studio sum up to, by kind; the same content once. */
import { type Kysely, sql } from "kysely";
import { PACE_DAYS, type StoredKind, type StoredSum } from "@/core/room.ts";
import type { Schema } from "../schema.ts";
import { readClock } from "../statements.ts";

const DAY_MS = 86_400_000;

interface Row {
  kind: StoredKind;
  files: number;
  bytes: number;
}

export async function readStored(
  on: Kysely<Schema>,
): Promise<{ kinds: StoredSum[]; cameBytes: number }> {
  const since = await readClock(on) - PACE_DAYS * DAY_MS;
  const brought = await sql<Row>`
    select case when kept = 1 then 'brought' else 'trash' end as kind, count(*) as files, sum(bytes) as bytes from (
      select max(deleted_at is null) as kept, max(size_bytes) as bytes from assets
      where sha256 is not null and size_bytes is not null group by sha256
    ) group by kept`.execute(on);
  // Of content that stands in several places the one that keeps it longest counts.
  const made = await sql<Row>`
    select case rank when 2 then 'films' when 1 then 'pieces' else 'trash' end as kind,
      count(*) as files, sum(bytes) as bytes from (
      select max(bytes) as bytes, max(case when jobs.deleted_at is not null then 0
        when exists (select 1 from job_outputs where job_outputs.job_id = jobs.id
          and job_outputs.file_path = output.sha256 || '.' || output.ext) then 2 else 1 end) as rank
      from output join jobs on jobs.id = output.actor_id group by output.sha256
    ) group by rank`.execute(on);
  const came = await sql<{ bytes: number | null }>`
    select (select coalesce(sum(size_bytes), 0) from assets where created_at > ${since})
      + (select coalesce(sum(bytes), 0) from ledger where at > ${since}) as bytes`.execute(on);
  const sums = new Map<StoredKind, StoredSum>();
  for (const { kind, files, bytes } of [...brought.rows, ...made.rows]) {
    const sum = sums.get(kind) ?? { kind, files: 0, bytes: 0 };
    sums.set(kind, { kind, files: sum.files + Number(files), bytes: sum.bytes + Number(bytes) });
  }
  return { kinds: [...sums.values()], cameBytes: Number(came.rows[0]?.bytes ?? 0) };
}
