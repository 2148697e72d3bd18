/** The README holds: its tables follow from code, and its commands make a film. */
import { VARIABLES } from "@/core/config.ts";
import { writePapers } from "@/tasks/papers.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const OPEN = /Animatrix is open at (http:\/\/\S+)/;
const PLACE = "http://127.0.0.1:8000";

async function canRun(command: string): Promise<boolean> {
  try {
    await new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

/** The studio as `deno task start` starts it, on a free port. */
async function startStudio(dataDir: string) {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const [, ...args] = String(tasks.start.command).split(" ");
  const child = new Deno.Command(Deno.execPath(), {
    args,
    env: { PORT: "0", DATA_DIR: dataDir, COMFY_URLS: "", DRAFT_URL: "", LOG_LEVEL: "warn" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough<string>(new TextDecoderStream()).getReader();
  let said = "";
  while (!OPEN.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The studio ended: ${said}`);
    said += value;
  }
  return {
    url: OPEN.exec(said)?.[1] ?? "",
    async stop() {
      child.kill("SIGTERM");
      while (!(await reader.read()).done);
      await child.status;
    },
  };
}

Deno.test("the tables of README.md and THIRD_PARTY.md are what the code says", async () => {
  for (const [path, text] of Object.entries(await writePapers())) {
    assertEquals(await Deno.readTextFile(path), text, `${path} is old: run deno task papers`);
  }
});

Deno.test({
  name: "README and runbook explain starting, every variable and ComfyUI, and the first film is made [AX45]",
  ignore: !await canRun("sh") || !await canRun("curl"),
  async fn() {
    const readme = await Deno.readTextFile("README.md");
    assertEquals(Object.keys(VARIABLES).filter((name) => !readme.includes(`| \`${name}\` |`)), []);
    assert(readme.includes("npx -y deno@2.9.5 task start"));
    assert((await Deno.readTextFile("deploy/RUNBOOK.md")).includes("## The ComfyUI host"));

    const script = /<!-- first film -->\n```sh\n(.*?)```/s.exec(readme)?.[1] ?? "";
    assert(script.includes(PLACE));
    const dir = await Deno.makeTempDir({ prefix: "animatrix-readme-" });
    const studio = await startStudio(`${dir}/data`);
    // A small film tells as much as a big one, and sooner.
    const small = '\\"settings\\":{\\"seconds\\":1,\\"width\\":128,\\"height\\":128},';
    try {
      const samples = `${Deno.cwd()}/static/samples`;
      const prepare = (text: string) =>
        text.replace(PLACE, studio.url).replaceAll("static/samples", samples)
          .replace('\\"prompt\\":', `${small}\\"prompt\\":`);
      const { success, stderr } = await new Deno.Command("sh", {
        args: ["-e", "-c", prepare(script)],
        cwd: dir,
        stdout: "null",
        stderr: "piped",
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      const film = await Deno.readFile(`${dir}/first_film.mp4`);
      assertEquals(new TextDecoder().decode(film.slice(4, 8)), "ftyp");
    } finally {
      await studio.stop();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
