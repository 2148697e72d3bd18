/** Prepared queries give what the same query would give if it were built anew, and are planned once. */
import { prepared } from "@/db/prepared.ts";
import { assertEquals, assertMatch, assertRejects } from "@/tests/assert.ts";
import { makeJob, newId, openSqlite } from "./fixtures.ts";

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);

Deno.test("a prepared query takes each call's own values, one or a list, and refuses to run without one", async () => {
  const { database, store, close } = await openSqlite();
  const [first, second] = [makeJob(), makeJob()];
  await store.admit([first, second]);
  let built = 0;
  const named = prepared((on, at) => {
    built++;
    return on.selectFrom("jobs").where("id", "=", at("id")).select("id");
  });
  const listed = prepared((on, at) =>
    on.selectFrom("jobs").where("id", "in", at.each("ids")).orderBy("id").select("id")
  );
  for (const { id } of [first, second]) assertEquals(idsOf(await named(database.reader, { id })), [id]);
  assertEquals(built, 1);
  const ids = [first.id, second.id].sort();
  assertEquals(idsOf(await listed(database.reader, { ids: [...ids, newId()] })), ids);
  assertEquals(await listed(database.reader, { ids: [] }), []);
  await assertRejects(
    () => named(database.reader, {}),
    (thrown) => assertMatch(String(thrown), /lacks its value "id"/),
  );
  await close();
});

Deno.test("a limit is written into the statement, so that it is planned once", async () => {
  const { database, close } = await openSqlite();
  const { sql: text, parameters } = database.reader.selectFrom("jobs").select("id").limit(7).compile();
  assertMatch(text, / limit 7$/);
  assertEquals(parameters, []);
  await close();
});
