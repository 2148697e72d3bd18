/** Every operation of the OpenAPI document is brought to each status that it documents, and answers as it says there. */
import { QUEUE_FILE_BYTES_MAX } from "@/core/queue.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { Person, type Sent } from "./client.ts";
import { type Call, Contract } from "./contract.ts";
import { makeStudio } from "./fake_studio.ts";
import { drawFrom, makeUp } from "./made_up.ts";
import { openWorld, RECIPES, type World } from "./recipes.ts";

const NOBODY = "019a0000-0000-7000-8000-ffffffffffff";

async function readContract(): Promise<Contract> {
  return new Contract(await (await new Person(makeStudio()).get("/openapi.json")).json());
}

/** A body that fits, as far as the schema tells. */
function bodyFor(contract: Contract, call: Call): Sent {
  const schema = contract.bodyOf(call);
  if (schema === null) return {};
  const deref = (one: typeof schema) => contract.deref(one);
  return { body: makeUp(schema, { draw: drawFrom(1), deref, ids: [NOBODY], wrong: 0 }) };
}

/** Fills the places of a path: with what a test says, else with what the schema allows. */
function pathOf(call: Call, places: Record<string, string>): string {
  return call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { schema } = call.parameters.find((one) => one.in === "path" && one.name === name) ?? {};
    const usual = Array.isArray(schema?.enum) ? schema.enum[0] : schema?.format === "uuid" ? NOBODY : "0";
    return places[name] ?? String(usual);
  });
}

/** Bad tokens are counted by place, so each comes from its own. */
let places = 0;

type Guard = (world: World, call: Call, contract: Contract) => Promise<Response>;

/** What every operation answers alike. The document declares them by rule, so they are tried by rule. */
const GUARDS: Record<number, Guard> = {
  400: ({ operator }, call) => operator.send(call.method, pathOf(call, {}), jsonText("{")),
  401: ({ studio }, call) => withBadToken(new Person(studio, `10.1.${++places}.1`), call),
  403: ({ operator, creator, reader }, call) => {
    if (call.method !== "GET") return operator.send(call.method, pathOf(call, {}), FOREIGN);
    const headers = { authorization: `Bearer ${reader}` };
    return call.path.startsWith("/admin")
      ? creator.get(pathOf(call, {}))
      : creator.get(pathOf(call, {}), headers);
  },
  404: ({ operator }, call, contract) =>
    operator.send(call.method, pathOf(call, {}), bodyFor(contract, call)),
  411: ({ operator }, call) =>
    operator.send(call.method, pathOf(call, {}), { headers: { "transfer-encoding": "chunked" } }),
  413: ({ operator }, call) =>
    operator.send(call.method, pathOf(call, {}), {
      headers: { "content-length": String(QUEUE_FILE_BYTES_MAX + 1) },
    }),
  415: ({ operator }, call) =>
    operator.send(call.method, pathOf(call, {}), { raw: "{}", headers: { "content-type": "text/plain" } }),
  422: ({ operator }, call) => {
    const isBound = ({ schema }: Call["parameters"][number]) =>
      ["maxLength", "minimum", "enum", "pattern"].some((bound) => bound in schema);
    const bound = call.parameters.filter((one) => one.in === "path" && isBound(one));
    const long = Object.fromEntries(bound.map(({ name }) => [name, "*".repeat(500)]));
    const query = call.parameters.some((one) => one.in === "query") ? "?nonsense=1" : "";
    const headers = { "idempotency-key": "" };
    const sent = call.requestBody ? { body: { nonsense: 1 }, headers } : { headers };
    return operator.send(call.method, pathOf(call, long) + query, sent);
  },
  429: async ({ studio }, call) => {
    const person = new Person(studio, "10.9.0.2");
    for (let n = 0; n < 20; n++) await (await withBadToken(person, call)).body?.cancel();
    return await withBadToken(person, call);
  },
};

const FOREIGN = { headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } };

function jsonText(raw: string): Sent {
  return { raw, headers: { "content-type": "application/json" } };
}

function withBadToken(person: Person, call: Call): Promise<Response> {
  return person.send(call.method, pathOf(call, {}), { headers: { authorization: "Bearer anx_none" } });
}

Deno.test("every operation reaches each status that it documents, and its bodies are as their schemas say", async () => {
  const contract = await readContract();
  const world = await openWorld();
  for (const call of contract.calls) {
    for (const status of Object.keys(call.responses).map(Number)) {
      const guard = GUARDS[status];
      if (guard) await contract.hold(call, await guard(world, call, contract));
    }
  }
  for (const [name, ...recipes] of RECIPES) {
    const call = contract.call(name);
    for (const recipe of recipes) {
      const fresh = await openWorld();
      await contract.hold(
        call,
        await recipe(
          fresh,
          (places, sent) =>
            fresh.operator.send(call.method, pathOf(call, places), sent ?? bodyFor(contract, call)),
        ),
      );
    }
  }
  assertEquals(contract.broken, []);
  assertEquals(contract.missing(), []);
  const statuses = contract.calls.reduce((sum, { responses }) => sum + Object.keys(responses).length, 0);
  assert(
    contract.calls.length > 100 && statuses > 600,
    `${contract.calls.length} calls, ${statuses} statuses`,
  );
});
