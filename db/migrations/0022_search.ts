/** What films are searched by, for those whose words were changed before the search heard of it. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const search: Migration = {
  name: "0022_search",
  async up(kit) {
    const now = kit.dialect === "sqlite"
      ? sql<string>`title || char(10) || prompt`
      : sql<string>`title || chr(10) || prompt`;
    await sql`update jobs set search = ${now} where search <> ${now}`.execute(kit.on);
  },
};
