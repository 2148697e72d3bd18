/** Prompt files at the API: one report per file with block and line, zips, and a long take written back as the file that makes it. */
import { z } from "zod";
import { downloadZip } from "client-zip";
import { assert, assertEquals } from "@/tests/assert.ts";
import { expectProblem, makeJob, type Person, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Report = z.object({
  items: z.array(z.object({
    name: z.string(),
    take: z.looseObject({ name: z.string(), frames: z.int(), prompt: z.string() }).nullable(),
    faults: z.array(z.object({ block: z.int(), line: z.int(), text: z.string() })),
    text: z.string().nullable(),
  })),
});

const GOOD = "harbour.mp4\n\n40\n\nA harbour at dawn\n[chunk 2] gulls rise\n\n色调艳丽\n";

async function read(person: Person, name: string, raw: BodyInit) {
  const headers = { "content-type": "application/octet-stream" };
  const answer = person.send("POST", `/takes/content?name=${encodeURIComponent(name)}`, { raw, headers });
  return (await person.json(Report, 200, answer)).items;
}

Deno.test("[PR7] a prompt file is read with its words as they stand, or told with block and line what is wrong", async () => {
  const person = await signUpCreator(makeStudio());
  const [good] = await read(person, "folder/harbour.txt", GOOD);
  assertEquals(good, {
    name: "folder/harbour.txt",
    take: {
      name: "harbour",
      frames: 40,
      prompt: "A harbour at dawn\n[chunk 2] gulls rise",
      negativePrompt: "色调艳丽",
    },
    faults: [],
    text: null,
  });
  const [bad] = await read(person, "../bad.txt", "harbour\n\nmany\n\nA harbour\n");
  assertEquals([bad?.name, bad?.take, bad?.text], ["bad.txt", null, "harbour\n\nmany\n\nA harbour\n"]);
  assertEquals(bad?.faults.map(({ block, line }) => [block, line]), [[2, 3]]);
  const [broken] = await read(person, "broken.txt", new Uint8Array([0xff, 0xfe, 0x00]));
  assertEquals([broken?.take, broken?.text, broken?.faults.length], [null, null, 1]);
});

Deno.test("[PR7] a zip gives a report for each prompt file in it; what is no zip, or too large, is one report with a fault", async () => {
  const person = await signUpCreator(makeStudio());
  const files = [["x/1.txt", GOOD], ["2.txt", "only a name"], ["notes.md", ""]];
  const zip = await downloadZip(files.map(([name = "", input = ""]) => ({ name, input }))).blob();
  const items = await read(person, "all.zip", zip);
  assertEquals(items.map(({ name, take }) => [name, take?.name ?? null]), [["x/1.txt", "harbour"], [
    "2.txt",
    null,
  ]]);
  const [cut] = await read(person, "cut.zip", "PK no more");
  const [large] = await read(person, "large.txt", new Uint8Array(300_000));
  for (const one of [cut, large]) assertEquals([one?.take, one?.faults.length], [null, 1]);
  assert(large?.faults[0]?.text.includes("Is it the right file?"));
});

Deno.test("nobody's long take is written back for strangers, and no other film is", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const id = await makeJob(person);
  await expectProblem(person.get(`/jobs/${id}/prompt-file`), 409, "job.not_possible");
  const other = await signUpCreator(studio, "other@example.org");
  await expectProblem(other.get(`/jobs/${id}/prompt-file`), 404, "request.not_found");
});
