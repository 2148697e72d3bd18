/** The studio's own draft renderer comes back at the same address, and one folder has one studio. */
import { relative } from "node:path";
import { systemClock } from "@/adapters/system/clock.ts";
import { problemOf } from "@/core/problem.ts";
import { startDraftProcess } from "@/studio/draft_process.ts";
import { configFor, personAt, silent } from "@/tests/rig/rig.ts";
import { openHouse } from "@/studio/open.ts";
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
    ffmpeg: "",
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

/** Tries what the draft renderer has no business with, and serves what became of each. */
const CURIOUS = `
const port = Number(Deno.args[Deno.args.indexOf("--port") + 1]);
const dir = Deno.args[Deno.args.indexOf("--dir") + 1];
const attempt = async (act) => {
  try {
    await act();
    return "done";
  } catch (error) {
    return error.name;
  }
};
const seen = {
  own: await attempt(() => Deno.writeTextFile(dir + "/mine.txt", "x")),
  read: await attempt(() => Deno.readTextFile(dir + "/../keys.json")),
  write: await attempt(() => Deno.writeTextFile(dir + "/../studio.db", "x")),
  env: await attempt(() => Deno.env.get("SESSION_SECRET")),
  run: await attempt(() => new Deno.Command(Deno.execPath(), { args: ["--version"] }).output()),
  net: await attempt(() => fetch("http://192.0.2.1/")),
};
const server = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, () => Response.json(seen));
console.log("draft renderer ready http://127.0.0.1:" + server.addr.port);
`;

Deno.test("the draft renderer's process may use its own folder, and neither keys, database, environment, programs nor the network", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/draft, own`);
  await Deno.writeTextFile(`${dir}/keys.json`, "{}");
  await Deno.writeTextFile(`${dir}/curious.ts`, CURIOUS);
  const draft = await startDraftProcess({
    port: 0,
    dir: `${dir}/draft, own`,
    log: silent,
    clock: systemClock(),
    ffmpeg: "",
    script: new URL(`file://${dir}/curious.ts`),
  });
  const seen = await (await fetch(draft.url)).json();
  const refused = "NotCapable";
  assertEquals(seen, {
    own: "done",
    read: refused,
    write: refused,
    env: refused,
    run: refused,
    net: refused,
  });
  await draft.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("in its narrow process the draft renderer makes films with either engine", async () => {
  for (const engine of ["wasm", "native"]) {
    const dir = await Deno.makeTempDir();
    const env = { DRAFT_URL: "", DRAFT_PORT: "0", MEDIA_ENGINE: engine };
    // As the configuration has it when nobody says otherwise: a folder below the one that the process runs in.
    const house = await openHouse(configFor(relative(Deno.cwd(), dir), env), {
      onFatal: () => {},
      draftStepMs: 1,
    })
      .catch((thrown) => problemOf(thrown).code);
    if (typeof house !== "string") {
      const person = await personAt(house).register();
      const job = await person.animate(await person.bringCast(), { frames: 5 });
      const { status, problem } = await person.waitForEnd(job.id);
      await house.close();
      assertEquals([status, problem], ["completed", null], engine);
    } else {
      // A machine may be without a native ffmpeg; the studio says so and does not start with it.
      assertEquals([engine, house], ["native", "studio.config"]);
    }
    await Deno.remove(dir, { recursive: true });
  }
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
