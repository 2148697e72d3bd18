/** Secrets in a real house: sealed in the database, in no answer of the API, and struck out of the log. */
import { z } from "zod";
import { VARIABLES } from "@/core/config.ts";
import { holdsSecret } from "@/core/config_kinds.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig } from "@/tests/rig/rig.ts";

const Made = z.looseObject({ secret: z.string() });
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

const headOf = (name: string) => name === "COMFY_AUTH_HEADER" ? "X-Key: " : "";

/** Every variable that holds a secret, each with a value of its own. */
const SET = Object.fromEntries(
  Object.entries(VARIABLES).filter(([, { schema }]) => holdsSecret(schema))
    .map(([name]) => [name, `${headOf(name)}hidden-${name.toLowerCase()}-0123456789abcdef`]),
);

function bytesOf(dir: string): string {
  const decoder = new TextDecoder("latin1");
  return ["studio.db", "studio.db-wal"].map((name) =>
    decoder.decode(Deno.readFileSync(`${dir}/data/${name}`))
  )
    .join("");
}

/** What the log writes while something runs. */
async function overhear(run: () => Promise<void>): Promise<string> {
  const { writeSync } = Deno.stderr;
  let said = "";
  Deno.stderr.writeSync = (bytes) => {
    said += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    await run();
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
  return said;
}

Deno.test("[XC12] secrets are sealed where they are stored, told by no answer, and struck out of the log", async () => {
  assert(Object.keys(SET).length >= 8, `${Object.keys(SET)}`);
  let answers = "";
  let stored = "";
  let own: string[] = [];
  const said = await overhear(async () => {
    await using rig = await openRig({ env: { ...SET, LOG_LEVEL: "debug" } });
    const { person, house, dir } = rig;
    const hook = { url: "https://hooks.example.org/films", events: ["job.completed"] };
    own = [(await person.json(Made, "POST", "/webhooks", hook)).secret];
    const { paths } = await person.json(Document, "GET", "/openapi.json");
    for (const [path, { get }] of Object.entries(paths)) {
      if (get === undefined || path.includes("{") || path.endsWith("/events")) continue;
      const answer = await person.send("GET", path.replace(/^\/api/, ""));
      answers += await answer.text();
    }
    for (const value of [...Object.values(SET), ...own]) {
      house.studio.log.warn("something failed", { url: `https://one:${value}@host/`, secret: value });
    }
    for (const name of ["COMFY_AUTH_HEADER", "COMETAPI_API_KEY"]) {
      const value = `${headOf(name)}hidden-changed-${name.toLowerCase()}-0123456789`;
      own.push(value);
      await (await person.send("PUT", `/admin/settings/${name}`, { value, rev: 0 })).body?.cancel();
      answers += await (await person.send("GET", "/admin/settings")).text();
      house.studio.log.warn("something failed", { secret: value, url: `https://one:${value}@host/` });
    }
    stored = bytesOf(dir);
  });
  assert(
    answers.includes("hooks.example.org") && stored.includes("hooks.example.org"),
    "both were looked at",
  );
  assert(said.includes("something failed"), "the log was overheard");
  for (const value of Object.values(SET)) {
    assertEquals([answers, stored, said].map((text) => text.includes(value)), [false, false, false], value);
  }
  for (const value of own) {
    const bare = value.replace(/^whsec_/, "");
    assertEquals([answers, stored].map((text) => text.includes(bare)), [false, false]);
  }
});
