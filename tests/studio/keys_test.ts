/** The studio's own secrets: demanded where others can reach it, made where they cannot, never shown. */
import { type Config, readConfig } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import { loadKeys } from "@/studio/keys.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";

const GOOD = "0123456789abcdef0123456789abcdef";
const newToken = (bytes: number) => "k".repeat(bytes);

function configOf(env: Record<string, string>): Config {
  const read = readConfig(env);
  assert(read.ok);
  return read.value;
}

async function refusal(env: Record<string, string>): Promise<string> {
  const thrown = await assertRejects(() => loadKeys(configOf(env), newToken));
  const found = problemOf(thrown);
  assertEquals(found.code, "studio.config");
  return found.message;
}

Deno.test("[XC3] a start that others can reach is refused without its secrets, and names each missing variable", async () => {
  for (const HOST of ["0.0.0.0", "::", "192.168.1.5", "studio.example"]) {
    const none = await refusal({ HOST });
    assert(none.includes("SECRET_KEY") && none.includes("SESSION_SECRET"), none);
    const one = await refusal({ HOST, SECRET_KEY: GOOD });
    assert(one.includes("SESSION_SECRET") && !one.includes("SECRET_KEY"), one);
    assert(!one.includes(GOOD));
    const keys = await loadKeys(configOf({ HOST, SECRET_KEY: GOOD, SESSION_SECRET: GOOD }), newToken);
    assertEquals([keys.secretKey.reveal(), keys.sessionSecret.reveal()], [GOOD, GOOD]);
  }
});

Deno.test("[XC3] the process itself ends with the name of the missing variable", async () => {
  const dir = await Deno.makeTempDir();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "main.ts"],
    env: {
      HOST: "0.0.0.0",
      PORT: "0",
      SECRET_KEY: "",
      SESSION_SECRET: "",
      DATA_DIR: dir,
    },
    stdout: "null",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 1);
  assert(said.includes("SECRET_KEY and SESSION_SECRET"), said);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("at home keys are made once, kept for their owner alone, and read again", async () => {
  const dir = await Deno.makeTempDir();
  const config = configOf({ DATA_DIR: dir });
  const first = await loadKeys(config, newToken);
  const again = await loadKeys(config, () => "another");
  assertEquals(again.secretKey.reveal(), first.secretKey.reveal());
  assertEquals(((await Deno.stat(`${dir}/keys.json`)).mode ?? 0o600) & 0o077, 0);
  assert(!JSON.stringify(first).includes(first.secretKey.reveal()));
  assert(!`${first.secretKey}${Deno.inspect(first)}`.includes(first.secretKey.reveal()));
  await Deno.remove(dir, { recursive: true });
});
