/** Films that failed, as operators see them and have them tried again. */
import type { Kysely } from "kysely";
import type { FailedFilms } from "@/core/failed.ts";
import { postByOperator } from "@/db/operate.ts";
import { findFailed, listFailed } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

export interface FailedParts {
  reader: Kysely<Schema>;
  writer: Kysely<Schema>;
  hint(actors: string[]): void;
}

export function openFailed({ reader, writer, hint }: FailedParts): FailedFilms {
  return {
    list: (page) => listFailed(reader, page),
    find: (id) => findFailed(reader, id),
    async tell(mail, entry, by) {
      await postByOperator(writer, mail, { entry, by });
      hint([mail.to]);
    },
  };
}
