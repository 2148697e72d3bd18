/** What operators look into, over a real house: the log by one id, one actor as a whole, and the report for a fault. */
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import { readZip } from "@/tests/api/unzip.ts";
import { openRig } from "@/tests/rig/rig.ts";

const PROMPT = "A violet zebra at the pier";
const TITLE = "Zebra in secret";
const STILL = {
  mode: "anime",
  submode: "still",
  prompt: PROMPT,
  title: TITLE,
  settings: { width: 512, height: 768 },
};
const Lines = z.object({
  items: z.array(z.looseObject({ text: z.string(), fields: z.record(z.string(), z.unknown()) })),
  ids: z.array(z.string()),
});
const Findings = z.array(z.looseObject({ part: z.string(), state: z.string() }));
const Actor = z.looseObject({
  steps: z.array(z.looseObject({ id: z.string(), state: z.string(), promptId: z.string().nullable() })),
  history: z.array(z.looseObject({ seq: z.int(), kind: z.string() })),
});

Deno.test("one id leads from the click over the job and its step to the prompt on the server, and back; a report tells nothing of people", async () => {
  const KEY = "hidden-key-of-the-report-1234";
  await using rig = await openRig({ env: { COMETAPI_API_KEY: KEY } });
  const { person, house } = rig;
  const answer = await person.send("POST", "/jobs", STILL);
  const request = answer.headers.get("x-request-id") ?? "";
  const { items: [job] } = z.object({ items: z.array(z.looseObject({ id: z.string() })) })
    .parse(await answer.json());
  assert(request !== "" && job);
  await person.waitForEnd(job.id, 60_000);
  const actor = await person.json(Actor, "GET", `/admin/actors/${job.id}`);
  const promptId = actor.steps.find((step) => step.promptId !== null)?.promptId ?? "";
  assertEquals(
    actor.history.map(({ seq }) => seq),
    actor.history.map(({ seq }) => seq).sort((a, b) => a - b),
  );
  assertEquals(actor.history.at(-1)?.kind, "status");
  assert(!JSON.stringify(actor).includes("violet"), "the owner's words stay the owner's");
  for (const id of [request, job.id, promptId]) {
    const { items } = await person.json(Lines, "GET", `/admin/logs?id=${id}`);
    const texts = items.map(({ text }) => text);
    for (const text of ["job asked for", "slot granted"]) assert(texts.includes(text), `${id}: ${texts}`);
    const granted = items.find(({ text }) => text === "slot granted")?.fields;
    assertEquals([granted?.job, granted?.promptId], [job.id, promptId]);
  }
  assertEquals((await person.json(Lines, "GET", "/admin/logs?id=no-such-thing")).items, []);

  house.studio.log.warn("mail was not sent", {
    to: "person@studio.example",
    title: TITLE,
    error: `key ${KEY}`,
  });
  const zip = await person.send("GET", "/admin/diagnostics");
  const files = readZip(await zip.bytes());
  assertEquals([...files.keys()].sort(), [
    "about.json",
    "dead-letters.json",
    "doctor.json",
    "effects.json",
    "health.json",
    "log.jsonl",
    "metrics.txt",
    "servers.json",
    "settings.json",
  ]);
  const findings = Findings.parse(JSON.parse(new TextDecoder().decode(files.get("doctor.json"))));
  const states = new Map(findings.map(({ part, state }) => [part, state]));
  assertEquals(["database", "disk", "keys"].map((part) => states.get(part)), ["ok", "ok", "ok"]);
  const all = [...files.values()].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  for (
    const word of ["slot granted", "mail was not sent", "animatrix_", "COMETAPI_API_KEY", `"schema": "00`]
  ) {
    assert(all.includes(word), word);
  }
  for (const word of ["violet", "Zebra", "person@", "studio.example", KEY, "1234"]) {
    assert(!all.includes(word), `${word} is in the report`);
  }
});
