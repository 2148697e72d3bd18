/** The sheet of a batch without a script, and a draft's page with the way to its final film. */
import { z } from "zod";
import { JobMessage } from "@/actors/job/messages.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { animateBody, makeJob, PASSWORD, signUpCreator } from "@/tests/api/client.ts";
import { changeJob } from "@/tests/api/fake_jobs.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { Visitor } from "./app.ts";

const Made = z.object({ items: z.array(z.looseObject({ id: z.string() })), batchId: z.string() });

async function openSheet() {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  const body = { ...await animateBody(person), prompt: "a {red|blue|green} coat" };
  const { items, batchId } = await person.json(Made, 202, person.post("/jobs", body));
  const [red = "", blue = "", green = ""] = items.map(({ id }) => id);
  return { studio, person, mika, red, blue, green, page: `/batches/${batchId}` };
}

const takes = (html: string) => [...html.matchAll(/id="take-([^"]+)"/g)].map(([, id]) => id);

Deno.test("[XC24] a sheet shows every take and what sets it apart, and judges by plain forms", async () => {
  const { studio, mika, red, blue, green, page } = await openSheet();
  const first = await mika.open(page);
  assertEquals(takes(first.html), [red, blue, green]);
  for (const words of ["a red coat", "a blue coat", "a green coat"]) assert(first.html.includes(words));
  assert(!/ style=|<style/.test(first.html));

  const kept = await mika.post(page, { do: `star ${red}` });
  assertEquals([kept.status, kept.to], [303, `${page}#take-${red}`]);
  await mika.post(page, { do: `reject ${blue}` });
  assertEquals([red, blue].map((id) => studio.kept.jobs.get(id)?.mark), ["starred", "rejected"]);
  const judged = await mika.open(page);
  assertEquals(takes(judged.html), [red, green], "what is rejected is hidden");
  assertMatch(judged.html, /Show 1 rejected/);
  const all = await mika.open(`${page}?rejects=1`);
  assertEquals(takes(all.html), [red, blue, green]);
  assertMatch(all.html, new RegExp(`value="clear ${blue}"`));
  await mika.post(`${page}?rejects=1`, { do: `clear ${blue}` });
  assertEquals(studio.kept.jobs.get(blue)?.mark, null);
});

Deno.test("a sheet of loops is sorted by how well each closes, and what has no score comes last", async () => {
  const { studio, mika, red, blue, green, page } = await openSheet();
  for (const [id, loopValue] of [[red, 2.5], [green, 0.4]] as const) {
    changeJob(studio.kept, id, { status: "completed" });
    const metadata = { loopValue, loopMethod: "steps" };
    studio.kept.outputs.set(id, [{
      id: "o",
      type: "film",
      file: "f.mp4",
      poster: null,
      metadata,
      createdAt: 1,
    }]);
  }
  assertEquals(takes((await mika.open(page)).html), [red, blue, green]);
  const sorted = await mika.open(`${page}?sort=score`);
  assertEquals(takes(sorted.html), [green, red, blue]);
  assertMatch(sorted.html, /Loop 0\.40/);
});

Deno.test("one button cancels all takes that wait", async () => {
  const { studio, mika, red, page } = await openSheet();
  changeJob(studio.kept, red, { status: "executing" });
  studio.kept.mail = [];
  assertMatch((await mika.open(page)).html, /Cancel the 2 that wait/);
  assertEquals((await mika.post(page, { do: "cancel" })).status, 303);
  assertEquals(studio.kept.mail.map(({ body }) => JobMessage.parse(body).type), ["cancel", "cancel"]);
  assertEquals((await mika.post(page, { do: "nonsense" })).status, 303);
});

Deno.test("the dashboard, the library and each take lead to the sheet; what is no batch leads nowhere", async () => {
  const { studio, person, mika, red, page } = await openSheet();
  changeJob(studio.kept, red, { status: "completed" });
  const metadata = { durationS: 1 };
  studio.kept.outputs.set(red, [{
    id: "o",
    type: "film",
    file: "f.mp4",
    poster: null,
    metadata,
    createdAt: 1,
  }]);
  for (const path of ["/dashboard", "/library?state=any", `/jobs/${red}`]) {
    assert((await mika.open(path)).html.includes(`href="${page}"`), path);
  }
  const alone = await makeJob(person);
  assert(!(await mika.open(`/jobs/${alone}`)).html.includes("/batches/"));
  assertEquals((await mika.open("/batches/019a0000-0000-7000-8000-ffffffffffff")).status, 404);
});

Deno.test("a complete draft has the button to be made for good where there is a server, and knows its final film", async () => {
  const { studio, mika, red, blue } = await openSheet();
  changeJob(studio.kept, red, { status: "completed" });
  assert(!(await mika.open(`/jobs/${red}`)).html.includes('value="promote"'), "there is no server");
  studio.offer = { ...studio.offer, engine: "comfy" };
  assertMatch((await mika.open(`/jobs/${red}`)).html, /value="promote"/);
  assert(!(await mika.open(`/jobs/${blue}`)).html.includes('value="promote"'), "it is not ready");
  const made = await mika.post(`/jobs/${red}`, { do: "promote" });
  assertEquals(made.status, 303);
  const final = made.to?.split("/").at(-1) ?? "";
  assert(studio.kept.jobs.get(final)?.draftId === red, made.to ?? "");
  assertMatch((await mika.open(`/jobs/${final}`)).html, new RegExp(`href="/jobs/${red}"[^>]*>Final of`));
  assertMatch((await mika.open(`/jobs/${red}`)).html, new RegExp(`href="/jobs/${final}"[^>]*>Draft of`));
});
