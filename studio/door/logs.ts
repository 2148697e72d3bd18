/** The kept log by one id: from a request to its jobs and from there to the prompts on the servers, and back. */
import type { Kysely } from "kysely";
import { LOG_LEVELS, type LogRing, type Logs, speaksOf } from "@/core/logs.ts";
import type { Schema } from "@/db/schema.ts";

/** Jobs and prompts that one id leads to. */
const IDS_MAX = 400;

export function openLogs({ reader, ring }: { reader: Kysely<Schema>; ring: LogRing }): Logs {
  return {
    async find({ id, least, limit }) {
      const all = ring.lines();
      const ids = id === null ? [] : await kinOf(reader, [id, ...jobsIn(all, id)]);
      const from = LOG_LEVELS.indexOf(least);
      const fits = all.filter((line) =>
        LOG_LEVELS.indexOf(line.level) >= from && (id === null || speaksOf(line, ids))
      );
      return { lines: fits.slice(-limit).reverse(), ids };
    },
  };
}

/** Jobs that lines with this id name, for instance those that a request asked for. */
function jobsIn(lines: ReturnType<LogRing["lines"]>, id: string): string[] {
  return lines.filter((line) => speaksOf(line, [id])).flatMap(({ fields }) =>
    typeof fields.job === "string" ? fields.job : []
  );
}

async function kinOf(reader: Kysely<Schema>, given: string[]): Promise<string[]> {
  const ids = [...new Set(given)].slice(0, IDS_MAX);
  const rows = await reader.selectFrom("step")
    .where((eb) => eb.or([eb("job_id", "in", ids), eb("prompt_id", "in", ids)]))
    .select(["job_id", "prompt_id"]).distinct().limit(IDS_MAX).execute();
  const found = rows.flatMap(({ job_id, prompt_id }) => prompt_id === null ? [job_id] : [job_id, prompt_id]);
  return [...new Set([...ids, ...found])];
}
