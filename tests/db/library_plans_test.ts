/** The library's queries walk indexes: a full studio opens as fast as an empty one. */
import type { CompiledQuery } from "kysely";
import { selectNotes } from "@/db/projects.ts";
import { type AssetFilter, buildAssets, buildTrashedAssets } from "@/db/queries/assets.ts";
import { buildShared } from "@/db/shares.ts";
import { assert, assertMatch } from "@/tests/assert.ts";
import { newId, type Opened, openSqlite } from "./fixtures.ts";

async function explain(
  { database }: Opened,
  query: Pick<CompiledQuery, "sql" | "parameters">,
): Promise<string> {
  const plan = await database.writer.executeQuery<{ detail: string }>({
    ...database.writer.selectFrom("jobs").compile(),
    sql: `explain query plan ${query.sql}`,
    parameters: query.parameters,
  });
  return plan.rows.map((row) => row.detail).join("\n");
}

Deno.test("lists of files walk an index in order, whatever they are filtered by", async () => {
  const opened = await openSqlite();
  const page = { ownerId: newId(), after: { at: 1e12, id: newId() }, rows: 51 };
  const cases: [RegExp, AssetFilter][] = [
    [/INDEX assets_owner \(owner_id=\? AND \(created_at,id\)</, {}],
    [/INDEX assets_owner \(owner_id=\? AND \(created_at,id\)</, {
      mark: "kept",
      filled: true,
      words: ["img"],
    }],
    [/INDEX assets_owner_type \(owner_id=\? AND asset_type=\?/, { type: "video", mark: "kept" }],
    [/INDEX assets_owner_project \(owner_id=\? AND project_id=\?/, { projectId: "p", mark: "kept" }],
    [/INDEX assets_owner_mark \(owner_id=\? AND mark=\?/, { mark: "starred" }],
  ];
  for (const [pattern, filter] of cases) {
    const plan = await explain(opened, buildAssets(opened.database.reader, { ...page, filter }).compile());
    assertMatch(plan, pattern);
    assert(!plan.includes("TEMP B-TREE"), plan);
  }
  const trash = await explain(opened, buildTrashedAssets(opened.database.reader, page).compile());
  assertMatch(trash, /INDEX assets_trash \(owner_id=\? AND deleted_at>\? AND \(deleted_at,id\)</);
  assert(!trash.includes("TEMP B-TREE"), trash);
  await opened.close();
});

Deno.test("a link is found by the hash of its token, and projects by their owner, through indexes", async () => {
  const opened = await openSqlite();
  const { reader } = opened.database;
  const shared = await explain(opened, buildShared(reader, "hash").compile());
  assertMatch(shared, /shares USING INDEX sqlite_autoindex_shares_2 \(token_hash=\?\)/);
  assert(!/^SCAN/m.test(shared), shared);
  const notes = await explain(
    opened,
    selectNotes(reader, newId()).orderBy("projects.created_at", "desc").compile(),
  );
  assertMatch(notes, /projects USING INDEX projects_owner \(owner_id=\?\)/);
  assertMatch(notes, /INDEX jobs_owner_project/);
  assertMatch(notes, /INDEX assets_owner_project/);
  assert(!/^SCAN/m.test(notes), notes);
  await opened.close();
});
