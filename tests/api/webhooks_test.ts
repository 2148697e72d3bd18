/** Webhooks over HTTP: made with a secret that is shown once, changed, rotated, and their log. */
import { z } from "zod";
import { WEBHOOKS_MAX } from "@/core/webhooks.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { expectProblem, type Person, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Webhook = z.strictObject({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  ended: z.string().nullable(),
  failingSince: z.string().nullable(),
  formerUntil: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
const Made = Webhook.extend({ secret: z.string() });
const List = z.object({ items: z.array(Webhook) });
const Deliveries = z.object({
  items: z.array(z.looseObject({ id: z.string(), kind: z.string(), state: z.string() })),
  next: z.string().nullable(),
});
const BODY = { url: "https://hooks.example/anx?x=1", events: ["job.failed", "job.completed"] };

function make(person: Person, body: Record<string, unknown> = BODY) {
  return person.json(Made, 201, person.post("/webhooks", body));
}

Deno.test("a webhook is made with a secret that is shown once, and changed, switched off and removed", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const made = await make(mika);
  assertMatch(made.secret, /^whsec_[A-Za-z0-9+/]{24,}=*$/);
  assertEquals([made.events, made.enabled], [["job.completed", "job.failed"], true]);
  const list = await (await mika.get("/webhooks")).text();
  assert(!list.includes(made.secret));
  const path = `/webhooks/${made.id}`;
  const changed = await mika.json(
    Webhook,
    200,
    mika.post(`${path}/edit`, { events: ["job.waiting"], enabled: false }),
  );
  assertEquals([changed.url, changed.events, changed.enabled], [BODY.url, ["job.waiting"], false]);
  await expectProblem(mika.post(`${path}/ping`), 409, "webhook.off");
  assertEquals((await mika.send("DELETE", path)).status, 204);
  assertEquals((await mika.json(List, 200, mika.get("/webhooks"))).items, []);
});

Deno.test("a rotated secret is shown once, and the former one is good for a day more", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const made = await make(mika);
  const rotated = await mika.json(Made, 200, mika.post(`/webhooks/${made.id}/rotate`));
  assert(rotated.secret !== made.secret);
  assertEquals(Date.parse(rotated.formerUntil ?? "") - studio.clock.now(), 24 * 3_600_000);
});

Deno.test("an address that is not public, not https or carries a password is refused by its field; an allowed one is taken", async () => {
  const mika = await signUpCreator(makeStudio());
  const bad = [
    "http://hooks.example/",
    "ftp://hooks.example/",
    "hooks.example",
    "https://u:p@hooks.example/",
    "https://127.0.0.1/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/",
    "https://db.internal/",
  ];
  for (const url of bad) {
    const answer = mika.post("/webhooks", { ...BODY, url });
    assertEquals([url, await expectProblem(answer, 422, "request.invalid")], [url, ["url"]]);
  }
  const { id } = await make(mika, { ...BODY, url: "http://hooks.lan:9000/x" });
  const moved = mika.post(`/webhooks/${id}/edit`, { url: "https://10.0.0.1/" });
  assertEquals(await expectProblem(moved, 422, "request.invalid"), ["url"]);
  const wrong = mika.post("/webhooks", { url: "", events: ["job.exploded"], extra: 1 });
  const fields = await expectProblem(wrong, 422, "request.invalid");
  assertEquals(fields.sort(), ["events.0", "extra", "url"]);
});

Deno.test("the log goes page by page, and a delivery is replayed under its own id", async () => {
  const studio = makeStudio();
  const mika = await signUpCreator(studio);
  const { id } = await make(mika);
  for (let n = 0; n < 3; n++) assertEquals((await mika.post(`/webhooks/${id}/ping`)).status, 204);
  const read = (query: string) => mika.json(Deliveries, 200, mika.get(`/webhooks/${id}/deliveries${query}`));
  const first = await read("?limit=2");
  const rest = await read(`?limit=2&cursor=${first.next}`);
  assertEquals([first.items.length, rest.items.length, rest.next], [2, 1, null]);
  const one = studio.kept.webhooks[0]?.deliveries[0];
  assert(one);
  one.state = "failed";
  const path = `/webhooks/${id}/deliveries/${one.id}/replay`;
  assertEquals((await mika.post(path)).status, 204);
  assertEquals(String(one.state), "open");
  const unknown = `/webhooks/${id}/deliveries/019b0000-0000-7000-8000-00000000ffff/replay`;
  await expectProblem(mika.post(unknown), 404, "request.not_found");
});

Deno.test("[XC11] webhooks of others are not there, and nobody has more than so many", async () => {
  const studio = makeStudio();
  const [mika, other] = [await signUpCreator(studio), await signUpCreator(studio, "other@example.org")];
  const { id } = await make(mika);
  const tries: [string, string, unknown?][] = [
    ["GET", ""],
    ["POST", "/edit", { enabled: false }],
    ["POST", "/rotate"],
    ["POST", "/ping"],
    ["GET", "/deliveries"],
    ["POST", "/deliveries/019b0000-0000-7000-8000-00000000ffff/replay"],
    ["DELETE", ""],
  ];
  for (const [method, path, body] of tries) {
    const sent = other.send(method, `/webhooks/${id}${path}`, body === undefined ? {} : { body });
    await expectProblem(sent, 404, "request.not_found");
  }
  for (let n = 1; n < WEBHOOKS_MAX; n++) await make(mika);
  await expectProblem(mika.post("/webhooks", BODY), 409, "webhook.too_many");
  await make(other);
});
