/** Settings that operators store, over a real house: they hold at once, over a restart, and win over the environment. */
import { z } from "zod";
import type { Setting } from "@/core/settings.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import type { House } from "@/studio/open.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";

const KEY = "sk-ant-very-hidden-key-4321";
const Health = z.looseObject({ parts: z.record(z.string(), z.looseObject({ state: z.string() })) });
const Tried = z.object({ works: z.boolean(), notes: z.array(z.string()) });

Deno.test("[XC12] a stored setting holds at once and after a restart; of a secret only its end is told", async () => {
  const dir = await Deno.makeTempDir();
  const start = () => openHouseAt(dir, { TRASH_DAYS: "20" });
  let house: House = await start();
  try {
    let person = await personAt(house).register();
    const read = async (name: string): Promise<Setting | undefined> =>
      (await house.studio.configured.list()).find((one) => one.name === name);
    const put = async (name: string, value: string | null, rev = 0) => {
      const answer = await person.send("PUT", `/admin/settings/${name}`, { value, rev });
      await answer.body?.cancel();
      return answer.status;
    };
    assertEquals([(await read("TRASH_DAYS"))?.source, (await read("REGISTRATION"))?.source], [
      "environment",
      "default",
    ]);
    assertEquals((await read("DATA_DIR"))?.changeable, false);
    assertEquals([await put("TRASH_DAYS", "7"), house.studio.settings.trashDays], [204, 7]);
    assertEquals([await put("REGISTRATION", "closed"), house.studio.settings.registration], [204, "closed"]);
    assertEquals(await put("TRASH_DAYS", "9"), 409);
    assertEquals([await put("TRASH_DAYS", "soon", 1), await put("PORT", "1"), await put("NONE", "1")], [
      422,
      409,
      404,
    ]);
    const made = await read("SECRET_KEY");
    assertEquals([made?.secret, made?.source], [{ configured: true, hint: "" }, "made"]);
    const header = await read("COMFY_AUTH_HEADER");
    assertEquals([header?.value, header?.secret], [null, { configured: false, hint: "" }]);
    for (const [name, value] of [["COMFY_AUTH_HEADER", "Bearer no-name"], ["COMETAPI_API_KEY", "1234567"]]) {
      assertEquals(await put(name ?? "", value ?? ""), 422, name);
    }
    assertEquals(await put("ANTHROPIC_API_KEY", KEY), 204);
    const health = await person.json(Health, "GET", "/health");
    assertEquals(health.parts.anthropic?.state, "not_tried");

    await house.close();
    house = await start();
    person = await personAt(house).logIn();
    const days = await read("TRASH_DAYS");
    assertEquals([days?.value, days?.source, house.studio.settings.trashDays], ["7", "stored", 7]);
    const key = await read("ANTHROPIC_API_KEY");
    assertEquals([key?.value, key?.secret], [null, { configured: true, hint: "4321" }]);
    assertEquals([await put("TRASH_DAYS", null, days?.rev), house.studio.settings.trashDays], [204, 20]);

    const storage = await person.json(Tried, "POST", "/admin/settings/test", { service: "storage" });
    assertEquals(storage.works, true);
    const inside = { service: "outbound", url: "http://127.0.0.1:1/" };
    const outbound = await person.json(Tried, "POST", "/admin/settings/test", inside);
    assertEquals(outbound.works, false);
    assertMatch(outbound.notes[0] ?? "", /none that webhooks may reach/);

    const entries = await house.studio.audit.list(
      { thing: "setting", personId: null, subject: null, from: null, until: null },
      { before: null, limit: 20 },
    );
    const told = entries.map(({ action, subject, before, after }) =>
      `${action} ${subject} ${before?.value} ${after?.value}`
    );
    assertEquals(told, [
      "setting.drop TRASH_DAYS 7 null",
      "setting.store ANTHROPIC_API_KEY null set anew",
      "setting.store REGISTRATION open closed",
      "setting.store TRASH_DAYS 20 7",
    ]);
    assert(!JSON.stringify(entries).includes("very-hidden"));
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});
