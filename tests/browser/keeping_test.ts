/** How long things are kept, in a real browser without scripts: an owner says it of a project, the operator of all. */
import { keeping as words } from "@/core/words/keeping.ts";
import { sweepKept } from "@/db/keeping.ts";
import { openDatabase } from "@/db/sqlite.ts";
import { assertEquals } from "@/tests/assert.ts";
import { journeys, PHONE, type Visit } from "./rig.ts";

const journey = journeys();

journey(
  "without scripts and on a phone, days are set for a project on its page and at the storage page; a film says what went of it, and the audit log who did it",
  async (visit) => {
    await setDays(visit);
    await letGo(visit);
  },
  { signedIn: true, scripts: false, viewport: PHONE },
);

async function setDays({ page, person, expect }: Visit): Promise<void> {
  expect(/422 POST/);
  await page.goto("/projects");
  await page.getByLabel("Name").fill("Harbour");
  await page.getByRole("button", { name: "Make the project" }).click();
  await page.getByText("Edit", { exact: true }).click();
  const { items: [made] } = await (await person.send("GET", "/projects")).json();
  await page.getByLabel(words.kinds.pieces).fill("-3");
  await page.getByRole("button", { name: "Save the days" }).click();
  await page.getByText("Must be at least 0.").waitFor();
  assertEquals(await page.getByLabel(words.kinds.pieces).inputValue(), "-3");
  await page.getByLabel(words.kinds.pieces).fill("7");
  await page.getByRole("button", { name: "Save the days" }).click();
  await page.getByText("Saved.").waitFor();
  await page.goto("/admin/storage");
  await page.getByRole("link", { name: "Harbour" }).click();
  assertEquals(await page.getByLabel(words.kinds.pieces).inputValue(), "7");
  await page.getByLabel(words.kinds.drafts).fill("2");
  await page.getByRole("button", { name: "Save the days" }).click();
  await page.getByText("Saved. It holds from now on.").waitFor();
  const { keep } = await (await person.send("GET", `/projects/${made.id}`)).json();
  assertEquals(keep, { pieces: 7, drafts: 2 });
}

async function letGo({ page, person, scene }: Visit): Promise<void> {
  const { id } = await person.animate(await person.bringCast(), { side: 128, frames: 5 });
  assertEquals((await person.waitForEnd(id)).status, "completed");
  const database = openDatabase(`${scene.dataDir}/studio.db`);
  const rules = { pieces: 7, latents: 0, failed: 0, drafts: 0, uploads: 0, films: 0 };
  const gone = await sweepKept(database, { rules, youngerMs: -8 * 86_400_000 });
  await database.close();
  assertEquals(gone.map(({ kind, things }) => [kind, things]), [["pieces", 1]]);
  await page.goto(`/jobs/${id}`);
  await page.getByRole("heading", { name: words.letGo.title }).waitFor();
  await page.getByText(/files? \(.*\) that this was made from went/).waitFor();
  await page.goto("/admin/audit");
  await page.getByText("Old things let go").first().waitFor();
  await page.getByText("The studio, as it is set").waitFor();
}
