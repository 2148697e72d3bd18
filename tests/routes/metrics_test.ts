/** `/metrics` opens to operators and to its token, and to nobody else. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { PASSWORD, signUp } from "@/tests/api/client.ts";
import { makeStudio, METRICS_TOKEN } from "@/tests/api/fake_studio.ts";
import { appFor, Visitor } from "./app.ts";

Deno.test("figures are for operators and for whoever has the token: creators get 403, strangers and wrong tokens 401", async () => {
  const studio = makeStudio();
  const statusOf: Record<string, number> = {};
  for (const email of ["op@example.org", "mika@example.org"]) {
    await signUp(studio, email);
    const visitor = new Visitor(studio);
    await visitor.post("/login", { email, password: PASSWORD });
    statusOf[email] = (await visitor.open("/metrics")).status;
  }
  assertEquals(statusOf, { "op@example.org": 200, "mika@example.org": 403 });
  const get = appFor(studio);
  const withToken = (authorization: string) => get("/metrics", { headers: { authorization } });
  for (const wrong of ["Bearer nonsense", "Bearer", `Basic ${METRICS_TOKEN}`, `Bearer ${METRICS_TOKEN}x`]) {
    const answer = await withToken(wrong);
    assertEquals([answer.status, await answer.text()], [401, ""]);
  }
  assertEquals((await get("/metrics")).status, 401);
  const good = await withToken(`Bearer ${METRICS_TOKEN}`);
  assertEquals([good.status, good.headers.get("content-type")?.split(";")[0]], [200, "text/plain"]);
  assertEquals(await good.text(), "animatrix_live_jobs 0\n");
});

Deno.test("an operator's own token opens the figures if it may do what operators do", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const Made = z.looseObject({ token: z.string() });
  const get = appFor(studio);
  const statuses = [];
  for (const scope of ["admin", "read"]) {
    const { token } = await operator.json(
      Made,
      201,
      operator.post("/account/tokens", { name: scope, scope }),
    );
    const answer = await get("/metrics", { headers: { authorization: `Bearer ${token}` } });
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  assertEquals(statuses, [200, 401]);
});
