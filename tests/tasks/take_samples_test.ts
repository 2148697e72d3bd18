/** The prompt files that come with the studio are good as they are, in the command that README.md gives. */
import { assertEquals } from "@/tests/assert.ts";

const FOLDER = "static/samples/takes";

Deno.test("README's long takes can be planned: each sample has what it names", async () => {
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => `${FOLDER}/${name}`)
    .filter((path) => path.endsWith(".txt")).sort();
  assertEquals(files.length, 3);
  const args = ["run", "-A", "--no-check", "tasks/take.ts", "--validate", ...files];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([code, files.filter((file) => !text.includes(`${file}: `))], [0, []], text);
});
