/**
 * The real studio is asked everything that its document offers, with inputs made up from the schemas: right ones, nearly
 * right ones and nonsense. FUZZ_SEED and FUZZ_ROUNDS choose others and more.
 */
import { type Call, Contract } from "@/tests/api/contract.ts";
import { drawFrom, makeUp, type Making, NASTY, pick } from "@/tests/api/made_up.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { Person, readSample } from "@/tests/rig/person.ts";
import { openHouseAt, personAt } from "@/tests/rig/rig.ts";

const SEED = Number(Deno.env.get("FUZZ_SEED") ?? 20261121);
const ROUNDS = Number(Deno.env.get("FUZZ_ROUNDS") ?? 6);
const NOBODY = "019a0000-0000-7000-8000-ffffffffffff";
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Would end the session that asks or begin another one. */
const SKIPPED = ["POST /auth/logout", "POST /account/delete", "POST /auth/register"];
/** Hash a password or look at the whole machine: asked in three rounds, each wrong in its own measure. */
const SLOW = ["GET /health", "GET /admin/house", "POST /auth/login", "POST /auth/password"];

/** Ids that answers named, by the kind of thing that they were asked for: `jobs`, `people`. */
type Known = Map<string, string[]>;

/** Of `/admin/people/{id}`: people. */
function kindOf(path: string): string {
  return path.split("/").filter((part) => part !== "admin" && part !== "account")[1] ?? "";
}

function placeFor(name: string, schema: Call["parameters"][number]["schema"], making: Making): string {
  const { draw, ids } = making;
  if (draw() < 0.8) {
    if (Array.isArray(schema.enum)) return String(pick(draw, schema.enum));
    if (name === "id") return pick(draw, ids);
  }
  const texts = [pick(draw, ids), "render", "0", "draft", pick(draw, NASTY), String(makeUp(schema, making))];
  return encodeURIComponent((pick(draw, texts) || name).toWellFormed().slice(0, 2000));
}

function addressOf(call: Call, making: Making): string {
  const filled = call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const found = call.parameters.find((one) => one.in === "path" && one.name === name);
    return placeFor(name, found?.schema ?? {}, making);
  });
  const asked = new URLSearchParams();
  for (const { name, schema } of call.parameters.filter((one) => one.in === "query")) {
    if (making.draw() < 0.3) asked.set(name, String(makeUp(schema, making)));
  }
  return `${filled}?${asked}`.replace(/\?$/, "");
}

/** Sends one made-up request; what is no JSON is bytes of any kind. */
async function tryOnce(person: Person, contract: Contract, call: Call, making: Making) {
  const address = addressOf(call, making);
  const schema = contract.bodyOf(call);
  if (schema) return await person.send(call.method, address, makeUp(schema, making));
  if (!call.requestBody && call.method !== "PUT") return await person.send(call.method, address);
  const bytes = new Uint8Array(Math.floor(making.draw() * 300)).map(() => making.draw() * 256);
  return await person.sendBytes(call.method, address, bytes);
}

/** Something for the guesses to meet: a file, a job that waits, an entry without content, and the like. */
async function plant(person: Person, known: Known): Promise<void> {
  const made = async (path: string, body: unknown) => {
    const text = await (await person.send("POST", path, body)).text();
    known.set(kindOf(path), [...known.get(kindOf(path)) ?? [], ...text.match(ID)?.slice(0, 1) ?? []]);
  };
  await made("/assets", { name: "a.png" });
  await made("/jobs", {
    mode: "ltx",
    submode: "t2v",
    prompt: "Harbour",
    start: false,
    settings: { seconds: 2 },
  });
  await made("/projects", { name: `Harbour ${known.get("projects")?.length ?? 0}` });
  await made("/webhooks", { url: "https://hooks.example/a", events: ["job.completed"] });
  await made("/account/tokens", { name: "ci", scope: "read" });
  await made("/admin/invitations", {});
}

function learn(known: Known, call: Call, text: string): void {
  const kind = kindOf(call.path);
  const ids = [...new Set([...known.get(kind) ?? [], ...text.match(ID)?.slice(0, 3) ?? []])];
  known.set(kind, ids.slice(-8));
}

Deno.test("[XC4] whatever is sent to any operation, its answer is one that the document names, and none is a fault of the studio", async () => {
  const dir = await Deno.makeTempDir();
  const house = await openHouseAt(`${dir}/data`, {});
  try {
    const person = await personAt(house).register();
    const contract = new Contract(await (await person.send("GET", "/openapi.json")).json());
    const character = await person.upload("a.png", await readSample("character.png"));
    const known: Known = new Map();
    const draw = drawFrom(SEED);
    const deref: Making["deref"] = (schema) => contract.deref(schema);
    for (let round = 0; round < ROUNDS; round++) {
      const wrong = [0, 0.03, 0.3][round % 3] ?? 0;
      await plant(person, known);
      for (const call of contract.calls) {
        if (SKIPPED.includes(call.name) || (SLOW.includes(call.name) && round > 2)) continue;
        const ids = [NOBODY, ...known.get(kindOf(call.path)) ?? [], character];
        const { text } = await contract.hold(
          call,
          await tryOnce(person, contract, call, { draw, deref, ids, wrong }),
        );
        learn(known, call, text);
      }
    }
    assertEquals(contract.broken, [], `with FUZZ_SEED=${SEED}`);
    const good = [...contract.reached.values()].filter((seen) => [...seen].some((status) => status < 300));
    assert(good.length > 55, `only ${good.length} operations were ever asked rightly`);
  } finally {
    await house.close();
    await Deno.remove(dir, { recursive: true });
  }
});
