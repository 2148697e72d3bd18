/** How long what is kept, as operators ask for it: rules, what would go, and projects with rules of their own. */
import type { Kysely } from "kysely";
import type { Config } from "@/core/config.ts";
import { type Keeping, rulesOf } from "@/core/keeping.ts";
import type { OwnRules } from "@/core/kept_kinds.ts";
import { writeAudit } from "@/db/audit.ts";
import { listKeptProjects, lookAtKept } from "@/db/keeping.ts";
import { storeKeep } from "@/db/projects.ts";
import type { Schema } from "@/db/schema.ts";

export interface KeepingParts {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
  config: Config;
}

export function openKeeping({ writer, reader, config }: KeepingParts): Keeping {
  return {
    get rules() {
      return rulesOf(config);
    },
    look: () => lookAtKept(reader, { rules: rulesOf(config), youngerMs: 0 }),
    projects: () => listKeptProjects(reader),
    change: (projectId, keep, by) =>
      writer.transaction().execute(async (tx) => {
        const before = await storeKeep(tx, projectId, keep);
        if (before === null) return false;
        const entry = { action: "project.keep", subject: projectId } as const;
        await writeAudit(tx, { ...entry, before: factsOf(before), after: factsOf(keep) }, by);
        return true;
      }),
  };
}

function factsOf(keep: OwnRules): Record<string, number> {
  return Object.fromEntries(
    Object.entries(keep).flatMap(([kind, days]) => days === undefined ? [] : [[kind, days]]),
  );
}
