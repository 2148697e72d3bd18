/** Named settings over the real database. */
import type { Preset } from "@/core/presets.ts";
import { createUser } from "@/db/accounts.ts";
import { openPresets } from "@/studio/door/presets.ts";
import { newId, openSqlite } from "@/tests/db/fixtures.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("presets are kept as given, per person and by name", async () => {
  const { database, close } = await openSqlite();
  const presets = openPresets(database);
  const [mika, jo] = await Promise.all(["mika@example.org", "jo@example.org"].map(async (email) => {
    const id = newId();
    assertEquals(await createUser(database.writer, { id, email, passwordHash: "h" }), "created");
    return id;
  }));
  const dance: Preset = {
    id: newId(),
    userId: mika ?? "",
    name: "Dance",
    mode: "animate",
    submode: "mix",
    negativePrompt: "blur",
    settings: { seed: "18446744073709551615", width: 832 },
    createdAt: 5,
    updatedAt: 5,
  };
  assertEquals(await presets.put(dance), "kept");
  assertEquals(await presets.put({ ...dance, id: newId() }), "name_taken");
  assertEquals(await presets.put({ ...dance, id: newId(), name: "Aria" }), "kept");
  assertEquals((await presets.list(dance.userId)).map(({ name }) => name), ["Aria", "Dance"]);
  assertEquals(await presets.find(dance.userId, dance.id), dance);
  assertEquals(await presets.put({ ...dance, name: "Waltz", settings: {}, updatedAt: 9 }), "kept");
  assertEquals(await presets.find(dance.userId, dance.id), {
    ...dance,
    name: "Waltz",
    settings: {},
    updatedAt: 9,
  });
  assertEquals([await presets.find(jo ?? "", dance.id), await presets.remove(jo ?? "", dance.id)], [
    null,
    false,
  ]);
  assertEquals([await presets.remove(dance.userId, dance.id), await presets.find(dance.userId, dance.id)], [
    true,
    null,
  ]);
  await close();
});
