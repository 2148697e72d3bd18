/** The studio's own draft renderer comes back at the same address, and one folder has one studio. */
import { systemClock } from "@/adapters/system/clock.ts";
import { problemOf } from "@/core/problem.ts";
import { startDraftProcess } from "@/studio/draft_process.ts";
import { lockFolder } from "@/studio/lock.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";

/** Serves its process id where it is told to; stands in for the draft renderer, which takes longer to start. */
const STAND_IN = `
const port = Number(Deno.args[Deno.args.indexOf("--port") + 1]);
const server = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(String(Deno.pid)));
console.log("draft renderer ready http://127.0.0.1:" + server.addr.port);
`;

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (const begun = performance.now(); performance.now() - begun < 30_000;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error("It did not happen in time");
}

Deno.test("a draft renderer that dies is begun anew at the same address", async () => {
  const dir = await Deno.makeTempDir();
  const script = `${dir}/stand_in.ts`;
  await Deno.writeTextFile(script, STAND_IN);
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
  const draft = await startDraftProcess({
    port: 0,
    dir,
    log,
    clock: systemClock(),
    script: new URL(`file://${script}`),
  });
  const pid = () => fetch(draft.url).then((answer) => answer.text()).catch(() => null);
  const first = await until(pid);
  Deno.kill(Number(first), "SIGKILL");
  const second = await until(async () => {
    const now = await pid();
    return now === first ? null : now;
  });
  assert(second !== first);
  assertEquals(warnings, ["draft renderer ended, it begins anew"]);
  await draft.stop();
  assertEquals(await pid(), null);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a second studio on the same folder is refused, and the folder is free again afterwards", async () => {
  const dir = await Deno.makeTempDir();
  const first = await lockFolder(dir);
  const thrown = await assertRejects(() => lockFolder(dir));
  assertEquals(problemOf(thrown).code, "studio.config");
  first.release();
  (await lockFolder(dir)).release();
  await Deno.remove(dir, { recursive: true });
});
