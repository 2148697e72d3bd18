/** `deno task dev` as a developer uses it: a real process, a real job, a source file that changes meanwhile. */
import { DemoClient } from "@/tasks/demo_client.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const LIMIT_MS = 180_000;
const OPEN = /Animatrix is open at (http:\/\/\S+)/g;

interface Dev {
  /** Addresses at which a studio opened so far. */
  opened(): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

function startDev(dataDir: string): Dev {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "dev.ts"],
    env: {
      HOST: "127.0.0.1",
      PORT: "0",
      DATA_DIR: dataDir,
      COMFY_URLS: "",
      DRAFT_URL: "",
      LOG_LEVEL: "warn",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let said = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) said += decoder.decode(chunk, { stream: true });
  })();
  return {
    opened: () => [...said.matchAll(OPEN)].map((match) => match[1] ?? ""),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await Promise.all([child.status, reading]);
    },
  };
}

async function until<T>(look: () => T | null | Promise<T | null>): Promise<T> {
  for (const begun = performance.now(); performance.now() - begun < LIMIT_MS;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not happen in time");
}

const sample = (name: string) => new URL(`../static/samples/${name}`, import.meta.url);

Deno.test("dev alone serves pages, API, actors and a backend, and a reload loses no job [XC27]", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "animatrix-dev-" });
  {
    await using dev = startDev(dataDir);
    const url = await until(() => dev.opened()[0] ?? null);
    const page = await fetch(`${url}/`);
    assert((await page.text()).includes("<html"));
    // Pages ask this address whether another studio answers, and reload themselves then.
    const alive = async () => await (await fetch(`${url}/_fresh/alive`)).text();
    const before = await alive();

    const client = await DemoClient.register(url);
    const groundTruth = await client.upload("character.png", sample("character.png"));
    const audio = await client.upload("voice.mp3", sample("voice.mp3"));
    const { id } = await client.create({
      mode: "audio",
      prompt: "a speaker in the evening",
      assets: { groundTruth, audio },
      settings: { width: 128, height: 128, seconds: 6 },
    });
    const begun = await until(async () => {
      const { status, problem } = await client.job(id);
      return ["executing", "completed", "failed"].includes(status) ? { status, problem } : null;
    });
    assertEquals(begun, { status: "executing", problem: null });

    const now = new Date();
    await Deno.utime("static/favicon.svg", now, now);
    assertEquals(await until(() => dev.opened()[1] ?? null), url);
    assert(await alive() !== before);

    const ended = await until(async () => {
      const job = await client.job(id);
      return ["completed", "failed", "cancelled"].includes(job.status) ? job : null;
    });
    assertEquals([ended.status, ended.outputs?.length !== 0], ["completed", true]);
  }
  await Deno.remove(dataDir, { recursive: true });
});
