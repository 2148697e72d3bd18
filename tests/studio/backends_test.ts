/** The configured render servers as rows: one for each machine, however its address is written. */
import { sha256 } from "@/adapters/system/hash.ts";
import { readBackends } from "@/db/store/slot_rows.ts";
import { backendSetups, saveSetups } from "@/studio/backends.ts";
import { assertEquals } from "@/tests/assert.ts";
import { openSqlite } from "@/tests/db/fixtures.ts";

Deno.test("a server that is named twice, with and without a slash at its end, is one row, also when it is written otherwise later", async () => {
  const { database: { writer }, close } = await openSqlite();
  const start = async (urls: string[]) => {
    await saveSetups(writer, backendSetups(urls, null, sha256), 1);
    return (await readBackends(writer)).map(({ id, origin }) => [id, origin]);
  };
  const rows = await start([
    "http://gpu:8188/",
    "http://gpu:8188",
    "http://GPU:8188//",
    "http://gpu:8188/two",
  ]);
  assertEquals(rows.map(([, origin]) => origin), ["config", "config"]);
  await writer.updateTable("backend").set({ status: "up" }).execute();
  assertEquals(await start(["http://gpu:8188", "http://gpu:8188/two/"]), rows);
  const after = await readBackends(writer);
  assertEquals(
    after.map(({ status, epoch }) => [status, epoch]),
    [["up", 1], ["up", 1]],
    "it is the same one",
  );
  assertEquals((await start(["http://gpu:8188"])).map(([, origin]) => origin).sort(), ["config", "former"]);
  await close();
});
