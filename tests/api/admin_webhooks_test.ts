/** Everybody's webhooks over HTTP: operators see whose they are and how they do, and what they change is told. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const One = z.looseObject({
  id: z.string(),
  url: z.string(),
  owner: z.object({ id: z.string(), email: z.string() }),
  enabled: z.boolean(),
  ended: z.string().nullable(),
  open: z.int(),
  failed: z.int(),
});
const List = z.object({ items: z.array(One), next: z.string().nullable() });
const WithId = z.looseObject({ id: z.string(), secret: z.string() });
const URL_OF = "https://hooks.example/in/T0123456789abcdefghij/x?token=very-secret";

async function open() {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const mika = await signUpCreator(studio);
  const body = { url: URL_OF, events: ["job.failed"] };
  const { id, secret } = await mika.json(WithId, 201, mika.post("/webhooks", body));
  return { studio, operator, mika, id, secret };
}

Deno.test("operators see everybody's webhooks page by page, with whose they are and without what may be secret", async () => {
  const { studio, operator, mika, secret } = await open();
  const more = await signUpCreator(studio, "other@example.org");
  await more.json(
    WithId,
    201,
    more.post("/webhooks", { url: "https://b.example/", events: ["job.started"] }),
  );
  const read = (query: string) => operator.json(List, 200, operator.get(`/admin/webhooks${query}`));
  const first = await read("?limit=1");
  const rest = await read(`?limit=1&cursor=${first.next}`);
  const seen = [...first.items, ...rest.items];
  assertEquals(seen.map(({ owner, url }) => [owner.email, url]), [
    ["other@example.org", "https://b.example/"],
    ["mika@example.org", "https://hooks.example/in/T012…/x?…"],
  ]);
  assertEquals(rest.next, null);
  const text = JSON.stringify(seen);
  assert(!text.includes("very-secret") && !text.includes(secret));
  for (const path of ["", `/${seen[1]?.id}`, `/${seen[1]?.id}/deliveries`]) {
    await expectProblem(mika.get(`/admin/webhooks${path}`), 403, "auth.operator_only");
  }
});

Deno.test("what an operator switched off its owner cannot switch on, and each change is told in the audit log", async () => {
  const { studio, operator, mika, id } = await open();
  const path = `/admin/webhooks/${id}`;
  await mika.post(`/webhooks/${id}/ping`);
  const [delivery] = studio.kept.webhooks[0]?.deliveries ?? [];
  assert(delivery);
  delivery.state = "failed";
  const log = await (await operator.get(`${path}/deliveries`)).json();
  assertEquals(log.items.map(({ id }: { id: string }) => id), [delivery.id]);
  assertEquals((await operator.json(One, 200, operator.get(path))).failed, 1);
  const replay = `${path}/deliveries/${delivery.id}/replay`;
  assertEquals((await operator.post(replay)).status, 204);
  assertEquals(String(delivery.state), "open");
  const off = await operator.json(One, 200, operator.post(path, { enabled: false }));
  assertEquals([off.enabled, off.ended], [false, "operator"]);
  await expectProblem(operator.post(replay), 409, "webhook.off");
  await expectProblem(mika.post(`/webhooks/${id}/edit`, { enabled: true }), 409, "webhook.held");
  await operator.json(One, 200, operator.post(path, { enabled: true }));
  await expectProblem(mika.post(path, { enabled: false }), 403, "auth.operator_only");
  assertEquals((await operator.send("DELETE", path)).status, 204);
  await expectProblem(operator.get(path), 404, "request.not_found");
  assertEquals(studio.kept.audit.map(({ action, subject }) => [action, subject === id]).reverse(), [
    ["webhook.replay", true],
    ["webhook.off", true],
    ["webhook.on", true],
    ["webhook.remove", true],
  ]);
  assert(!JSON.stringify(studio.kept.audit).includes("very-secret"));
});
