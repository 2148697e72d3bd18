/** Whoever is closed or signed out hears nothing more, and what lies in the data folder is its owner's alone. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Members = z.object({ items: z.array(z.looseObject({ id: z.string(), email: z.string() })) });

Deno.test("a stream that is open ends as soon as its account is closed, or its session ended", async () => {
  const dir = await Deno.makeTempDir();
  const house = await openHouseAt(dir, {});
  try {
    const operator = await personAt(house).register("op@studio.example");
    const mika = await personAt(house).register("mika@studio.example");
    const { items } = await operator.json(Members, "GET", "/admin/people");
    const id = items.find(({ email }) => email.startsWith("mika"))?.id;
    /** Resolves with all that came when the stream is over; no beat comes within that time. */
    const listen = async () => {
      const answer = await mika.send("GET", "/events");
      assertEquals(answer.status, 200);
      const begun = performance.now();
      return { over: answer.text().then((text) => ({ text, ms: performance.now() - begun })) };
    };
    const ways = [
      () => operator.send("POST", `/admin/people/${id}`, { disabled: true }),
      () => mika.send("POST", "/auth/logout", {}),
    ];
    for (const [n, end] of ways.entries()) {
      if (n > 0) {
        await (await operator.send("POST", `/admin/people/${id}`, { disabled: false })).body?.cancel();
        await mika.logIn("mika@studio.example");
      }
      const { over } = await listen();
      await (await end()).body?.cancel();
      const { text, ms } = await over;
      assert(text.includes("event: maintenance"), text);
      assert(!text.includes(": beat") && ms < 14_000, `${ms}`);
    }
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "the data folder, the database and its log can be read by nobody else, also where they could before",
  ignore: Deno.build.os === "windows",
  async fn() {
    const above = await Deno.makeTempDir();
    const dir = `${above}/data`;
    const open = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o077;
    const look = async () => {
      const house = await openHouseAt(dir, {});
      try {
        await personAt(house).register().catch(() => {});
        const all = ["", "/studio.db", "/studio.db-wal", "/keys.json"];
        return await Promise.all(all.map((name) => open(dir + name)));
      } finally {
        await house.close();
      }
    };
    try {
      assertEquals(await look(), [0, 0, 0, 0]);
      await Deno.chmod(dir, 0o755);
      await Deno.chmod(`${dir}/studio.db`, 0o644);
      assertEquals(await look(), [0, 0, 0, 0]);
    } finally {
      await Deno.remove(above, { recursive: true });
    }
  },
});
