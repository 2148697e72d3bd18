/** What the API may serve: stored content that a person's own rows name, and nothing else of the disk. */
import { openLocalStorage } from "@/adapters/storage/local.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { makeJob, signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { silent } from "@/tests/rig/rig.ts";

Deno.test("[LX24] an output is served from the storage folder alone, whatever its row or the address names", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/keys.json`, "the secret");
  const storage = await openLocalStorage({
    root: `${dir}/files`,
    scratchRoot: `${dir}/work`,
    log: silent,
    clock: systemClock(),
    ids: systemIds(),
  });
  const studio = makeStudio();
  studio.files.stat = (name) => storage.stat(name);
  studio.files.read = (name, range) => storage.read(name, range);
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  const { name } = await storage.put(new TextEncoder().encode("the film"), { ext: "mp4" });
  const fetchAs = async (file: string) => {
    const output = { id: "o1", type: "video", file, poster: file, createdAt: 0, metadata: {} };
    studio.kept.outputs.set(id, [output]);
    const answers = await Promise.all(
      ["file", "poster"].map((what) => person.get(`/jobs/${id}/outputs/o1/${what}`)),
    );
    return await Promise.all(
      answers.map(async (answer) => ({ status: answer.status, text: await answer.text() })),
    );
  };
  for (const { status, text } of await fetchAs(name)) assertEquals([status, text], [200, "the film"]);
  const outside = [
    "../keys.json",
    `${dir}/keys.json`,
    "../../keys.json",
    "..%2fkeys.json",
    `${name}/../../../keys.json`,
  ];
  for (const place of outside) {
    for (const { status, text } of await fetchAs(place)) {
      assert(status >= 400, `${place} is served`);
      assert(!text.includes("the secret") && !text.includes(dir), text);
    }
  }
  await fetchAs(name);
  for (
    const output of [
      "..%2f..%2fkeys.json",
      "%2e%2e",
      encodeURIComponent(`${dir}/keys.json`),
      encodeURIComponent(name),
    ]
  ) {
    const answer = await person.get(`/jobs/${id}/outputs/${output}/file`);
    assertEquals(answer.status, 404, output);
    await answer.body?.cancel();
  }
  await Deno.remove(dir, { recursive: true });
});
