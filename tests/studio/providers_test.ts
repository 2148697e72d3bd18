/** Keys of providers over a real house: not known to work before somebody tried them, and then as the provider said. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Health = z.looseObject({
  status: z.string(),
  parts: z.record(z.string(), z.object({ state: z.string(), note: z.string().optional() })),
});
const Tried = z.object({ works: z.boolean(), notes: z.array(z.string()) });

/** All three providers at once: each takes the key that ends in `right`, and keeps what it was asked. */
function openProviders() {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${request.method} ${pathname}${search}`);
    const form = request.method === "POST" ? new URLSearchParams(await request.text()) : null;
    const { headers } = request;
    const key = headers.get("x-api-key") ?? headers.get("authorization") ?? form?.get("client_secret") ?? "";
    if (key.endsWith("moved")) return Response.redirect("http://127.0.0.1:1/", 302);
    if (!key.endsWith("right")) return Response.json({ error: "invalid_client" }, { status: 401 });
    return form ? Response.json({ error: "invalid_grant" }, { status: 400 }) : Response.json({ data: [] });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    host: `127.0.0.1:${server.addr.port}`,
    asked,
    server,
  };
}

Deno.test("[YM62] a provider's key is not tried until somebody tries it, then it is fine or refused, and another key is not tried again", async () => {
  const far = openProviders();
  const dir = await Deno.makeTempDir();
  const house = await openHouseAt(dir, {
    OUTBOUND_ALLOW: far.host,
    ANTHROPIC_API_KEY: "sk-ant-the-wrong-one",
    ANTHROPIC_URL: far.url,
    COMETAPI_URL: far.url,
    YOUTUBE_TOKEN_URL: `${far.url}/token`,
    YOUTUBE_CLIENT_ID: "client",
    YOUTUBE_CLIENT_SECRET: "secret-that-is-right",
  });
  try {
    const person = await personAt(house).register();
    const health = async () => (await person.json(Health, "GET", "/health")).parts;
    const tried = (service: string) => person.json(Tried, "POST", "/admin/settings/test", { service });
    const put = async (name: string, value: string) => {
      const rev = (await house.studio.configured.list()).find((one) => one.name === name)?.rev ?? 0;
      const answer = await person.send("PUT", `/admin/settings/${name}`, { value, rev });
      await answer.body?.cancel();
      assertEquals(answer.status, 204);
    };
    const before = await health();
    assertEquals(["anthropic", "cometapi", "youtube"].map((name) => before[name]?.state), [
      "not_tried",
      "not_configured",
      "not_tried",
    ]);
    assertEquals((await person.json(Health, "GET", "/health")).status === "down", false);
    assertEquals(far.asked, [], "to look asks nobody");

    const wrong = await tried("anthropic");
    assertEquals([wrong.works, far.asked], [false, ["GET /v1/models?limit=1"]]);
    assertMatch(wrong.notes[0] ?? "", /refuses the key \(401\)/);
    const after = (await health()).anthropic;
    assertEquals(after?.state, "down");
    assert(!JSON.stringify([wrong, after]).includes("wrong-one"));

    await put("ANTHROPIC_API_KEY", "sk-ant-that-is-right");
    assertEquals((await health()).anthropic?.state, "not_tried", "another key");
    assertEquals([(await tried("anthropic")).works, (await tried("youtube")).works], [true, true]);
    const unset = await tried("cometapi");
    assertEquals([unset.works, unset.notes], [false, ["No key is set."]]);
    await put("COMETAPI_API_KEY", "sk-that-has-moved");
    assertMatch((await tried("cometapi")).notes[0] ?? "", /answered 302/);
    assertEquals((await health()).cometapi?.state, "down");
    await put("YOUTUBE_CLIENT_SECRET", "secret-that-is-wrong");
    assertMatch((await tried("youtube")).notes[0] ?? "", /refuses the key/);
  } finally {
    await house.close();
    await far.server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
});
