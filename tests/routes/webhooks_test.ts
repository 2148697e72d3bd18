/** The pages of webhooks as a browser without script sees them. */
import { PASSWORD, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Visitor } from "./app.ts";

const ALL = "/settings/webhooks";

async function open() {
  const studio = makeStudio();
  await signUpCreator(studio);
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  return { studio, mika };
}

Deno.test("[XC24] a webhook is made by a form, its secret is shown once, and it is changed, tested and removed by buttons", async () => {
  const { studio, mika } = await open();
  assertMatch((await mika.open(ALL)).html, /You have no webhooks yet\./);
  const made = await mika.post(ALL, {
    url: "https://hooks.example/in?a=<b>",
    "job.failed": "on",
    do: "save",
  });
  assertEquals([made.status, made.headers.get("cache-control")], [200, "no-store"]);
  const secret = /value="(whsec_[^"]+)"/.exec(made.html)?.[1] ?? "";
  assert(secret.length > 30);
  const list = await mika.open(ALL);
  assert(!list.html.includes(secret));
  const here = /href="(\/settings\/webhooks\/[^"]+)"/.exec(list.html)?.[1] ?? "";
  const one = await mika.open(here);
  assertMatch(one.html, /name="job.failed" value="on" checked/);
  assert(!/name="job.completed" value="on" checked/.test(one.html));
  const saved = await mika.post(here, { do: "save", url: "https://hooks.example/new", "job.started": "on" });
  assertEquals(saved.to, `${here}?done=saved`);
  assertEquals(studio.kept.webhooks[0]?.events, ["job.started"]);
  const pinged = await mika.post(here, { do: "ping" });
  assertMatch(
    (await mika.open(pinged.to ?? "")).html,
    /The test message is on its way\.[^]*Test message[^]*under way/,
  );
  const rotated = await mika.post(here, { do: "rotate" });
  assertMatch(rotated.html, /value="whsec_[^"]+"[^]*Both secrets sign until/);
  const off = await mika.post(here, { do: "off" });
  assertMatch((await mika.open(off.to ?? "")).html, /It is switched off\.[^]*value="on"/);
  const gone = await mika.post(here, { do: "removed" });
  assertEquals(gone.to, `${ALL}?done=removed`);
  assertEquals([(await mika.open(here)).status, (await mika.post(here, { do: "ping" })).status], [404, 404]);
});

Deno.test("[XC24] the log tells every try, when the next one comes, and sends what was given up again", async () => {
  const { studio, mika } = await open();
  await mika.post(ALL, { url: "https://hooks.example/in", "job.failed": "on" });
  const [webhook] = studio.kept.webhooks;
  assert(webhook);
  const at = studio.clock.now();
  const tries = [
    { n: 1, at, tookMs: 15_000, status: null, end: "timeout" as const },
    { n: 2, at, tookMs: 12, status: 500, end: "answered" as const },
  ];
  const id = "019b0000-0000-7000-8000-000000000001";
  webhook.deliveries.push({
    id,
    kind: "job.failed",
    jobId: "j1",
    state: "failed",
    createdAt: at,
    nextAt: null,
    tries,
  });
  webhook.failingSince = at;
  const here = `${ALL}/${webhook.id}`;
  const { html } = await mika.open(here);
  assertMatch(html, /Nothing has arrived since/);
  assertMatch(html, /2 tries[^]*no answer in 15 s, 15000 ms[^]*answered 500, 12 ms/);
  assertMatch(html, /href="\/jobs\/j1"/);
  const again = await mika.post(here, { do: "replay", delivery: id });
  assertEquals(again.to, `${here}?done=replay`);
  assertEquals(webhook.deliveries[0]?.state, "open");
  Object.assign(webhook, { enabled: false, ended: "failing" });
  const ended = await mika.open(here);
  assertMatch(ended.html, /Switched off, since nothing arrived there for three days/);
  assert(!ended.html.includes('value="ping"'));
});

Deno.test("[XC24] a refused webhook keeps what was entered", async () => {
  const { mika } = await open();
  const refused = await mika.post(ALL, { url: "https://10.0.0.1/", "job.completed": "on" });
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /value="https:\/\/10\.0\.0\.1\/"[^]*id="f-url-wrong"[^]*not public/);
  const none = await mika.post(ALL, { url: "https://hooks.example/" });
  assertMatch(none.html, /id="f-events-wrong"[^]*Must have at least one\./);
});

Deno.test("an operator finds whose a webhook is, looks at its log, switches it off and removes it by buttons; a creator cannot", async () => {
  const { studio, mika } = await open();
  const operator = new Visitor(studio);
  await operator.post("/login", { email: "operator@example.org", password: PASSWORD });
  const all = "/admin/webhooks";
  assertMatch((await operator.open(all)).html, /Nobody has a webhook\./);
  await mika.post(ALL, { url: "https://hooks.example/in?token=secret-one", "job.failed": "on" });
  const list = (await operator.open(all)).html;
  assertMatch(list, /hooks\.example\/in\?…[^]*mika@example\.org[^]*Failed/);
  assert(!list.includes("secret-one"));
  const here = /href="(\/admin\/webhooks\/[^"]+)"/.exec(list)?.[1] ?? "";
  await mika.post(here.replace("/admin", "/settings"), { do: "ping" });
  const kept = studio.kept.webhooks[0]?.deliveries[0];
  assert(kept);
  kept.state = "failed";
  assertMatch((await operator.open(here)).html, /Of mika@example\.org[^]*Test message[^]*given up/);
  const again = await operator.post(here, { do: "replay", delivery: kept.id });
  assertMatch((await operator.open(again.to ?? "")).html, /on its way again\./);
  const off = await operator.post(here, { do: "off" });
  assertMatch(
    (await operator.open(off.to ?? "")).html,
    /It is switched off\.[^]*its owner cannot switch it on/,
  );
  const own = here.replace("/admin", "/settings");
  assertMatch((await mika.open(own)).html, /An operator switched it off\./);
  const held = await mika.post(own, { do: "on" });
  assertEquals([held.status, /Ask them to switch it on again/.test(held.html)], [409, true]);
  assertEquals([(await mika.open(all)).status, (await mika.post(here, { do: "on" })).status], [403, 403]);
  const gone = await operator.post(here, { do: "removed" });
  assertMatch((await operator.open(gone.to ?? "")).html, /The webhook is gone/);
});
