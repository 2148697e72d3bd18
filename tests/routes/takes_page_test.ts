/** The page of long takes in a browser without script: files and pasted text are read, the plan is seen, the films are made. */
import { signUpCreator } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { Visitor } from "./app.ts";

async function visit(): Promise<Visitor> {
  const studio = makeStudio();
  const visitor = new Visitor(studio);
  visitor.cookie = (await signUpCreator(studio)).cookie;
  return visitor;
}

function form(fields: Record<string, string>, files: [name: string, content: string][] = []): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  for (const [name, content] of files) made.append("files", new File([content], name));
  return made;
}

/** What a form that was served would send again, besides its buttons. */
function fieldsOf(html: string): Record<string, string> {
  const plain = (text: string) =>
    text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&#10;", "\n").replaceAll("&amp;", "&");
  const inputs = [...html.matchAll(/<input [^>]*name="([^"]+)"[^>]*>/g)].flatMap(([tag, name = ""]) => {
    const isOff = /type="checkbox"/.test(tag) && !/ checked/.test(tag);
    return isOff || /type="file"/.test(tag) ? [] : [[name, plain(/value="([^"]*)"/.exec(tag)?.[1] ?? "")]];
  });
  const areas = [...html.matchAll(/<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</g)]
    .map(([, name = "", text = ""]) => [name, plain(text)]);
  return Object.fromEntries([...inputs, ...areas, ["way.seams", "keep"]]);
}

Deno.test("a pasted prompt file and one with faults are read, planned and corrected without a script, then made", async () => {
  const visitor = await visit();
  const empty = await visitor.open("/takes/new");
  assertMatch(empty.html, /Drop prompt files here/);
  assertMatch(empty.html, /href="\/takes\/new"[^>]* aria-current="page"/);
  const written = "night train.mp4\n\n40\n\nA night train\n[chunk 2] rain begins\n";
  const files: [string, string][] = [["bad.txt", "harbour\n\nmany\n\nA harbour\n"], ["odd.bmp", ""]];
  const read = await visitor.post("/takes/new", form({ do: "plan", written }, files));
  assertEquals(read.status, 200);
  assertMatch(read.html, /bad\.txt needs a correction/);
  assertMatch(read.html, /Block 2, line 3/);
  assertMatch(read.html, /odd\.bmp is neither a prompt file nor a picture or clip/);
  assertMatch(read.html, /<h2 class="cut">night train<\/h2>/);
  const corrected = fieldsOf(read.html);
  corrected["bad.0.text"] = "harbour\n\n9\n\nA harbour\n";
  corrected["way.chunk"] = "16";
  const planned = await visitor.post("/takes/new", form({ ...corrected, do: "plan" }));
  assertEquals(planned.html.includes("needs a correction"), false);
  const strip = planned.html.slice(planned.html.indexOf("How night train will be cut"));
  assertMatch(strip.slice(0, 3000), /rain begins/);
  assertMatch(planned.html, /Make 2 films/);
  const made = await visitor.post("/takes/new", form({ ...fieldsOf(planned.html), do: "make" }));
  assertEquals([made.status, made.to], [303, "/queue"]);
  const drafts = [...visitor.studio.kept.jobs.values()].map(({ title, prompt, settings }) => ({
    title,
    prompt,
    chunk: (settings as { take: { chunk: number } }).take.chunk,
  }));
  assertEquals(drafts.sort((a, b) => a.title < b.title ? -1 : 1), [
    { title: "harbour", prompt: "A harbour", chunk: 16 },
    { title: "night train", prompt: "A night train\n[chunk 2] rain begins", chunk: 16 },
  ]);
});

Deno.test("a take is taken off the list, and what the studio refuses stays with its sentence", async () => {
  const visitor = await visit();
  const written = "boat\n\n24\n\nA paper boat\n";
  const read = await visitor.post("/takes/new", form({ do: "plan", written }));
  const fields = fieldsOf(read.html);
  const refused = await visitor.post("/takes/new", form({ ...fields, "take.0.frames": "0", do: "make" }));
  assertEquals(refused.status, 422);
  assertMatch(refused.html, /class="wrong row"/);
  assert(refused.html.includes("A paper boat"));
  const gone = await visitor.post("/takes/new", form({ ...fields, do: "drop 0" }));
  assertEquals(gone.html.includes("A paper boat"), false);
  assertEquals(visitor.studio.kept.jobs.size, 0);
});
