/** An operator at everybody's queue, in a real browser without scripts and on a phone. */
import { line as words } from "@/core/words/line.ts";
import { assertEquals } from "@/tests/assert.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys({ env: { COMFY_SLOTS: "1" } });

journey(
  "[AX37] an operator finds a person's films, moves and edits one, pauses all that fit after a question, and lets them go on",
  async ({ page, person, scene }) => {
    await person.send("POST", "/admin/backends/draft/drain");
    const other = await scene.newPerson();
    const cast = await other.bringCast();
    const ids: string[] = [];
    for (const title of ["Alder", "Birch"]) {
      const { id } = await other.perform(cast, { title, seconds: 1 });
      await other.waitFor(id, ({ status }) => status === "queued", 30_000);
      ids.push(id);
    }
    const [alder = "", birch = ""] = ids;
    await page.goto("/admin/queue?name=waiting");
    await page.getByLabel(words.filter.owner).selectOption({ index: 2 });
    await page.getByRole("button", { name: words.filter.go }).click();
    const titles = () => page.locator("td b").allTextContents();
    assertEquals(await titles(), ["Alder", "Birch"]);

    const act = async (title: string, name: string) => {
      await page.getByLabel(words.more(title)).click();
      await page.locator(`details[open] .tray`).getByText(name, { exact: true }).click();
    };
    await act("Birch", words.acts.next);
    await page.getByText(words.done.next ?? "").waitFor();
    assertEquals(await titles(), ["Birch", "Alder"]);

    await act("Birch", words.acts.edit);
    await page.getByLabel("Title").fill("Beech");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText(words.done.edit ?? "").waitFor();
    const { events } = await other.waitFor(birch, ({ title }) => title === "Beech");
    assertEquals(events.at(-1)?.message, "An operator of the studio changed the plan.");

    await other.command(alder, "pause");
    await other.waitFor(alder, ({ paused }) => paused === true);
    const tellAll = async (name: string, films: number) => {
      await page.getByLabel(words.all(films)).check();
      await page.locator("#selection").getByRole("button", { name, exact: true }).click();
      await page.getByRole("button", { name: words.sure.yes(films) }).click();
    };
    const owner = "person-2@studio.example";
    const open = (name: string) => page.goto(`/admin/queue?${new URLSearchParams({ name, owner })}`);
    await open("waiting");
    await tellAll(words.acts.pause, 1);
    await page.getByText(words.many(1, 0)).waitFor();
    await other.waitFor(birch, ({ paused }) => paused === true);
    await open("held");
    await page.getByText(words.byOwner).waitFor();
    await page.getByText(words.byOperator).waitFor();
    await tellAll(words.acts.resume, 2);
    await page.getByText(words.many(1, 1)).waitFor();
    await other.waitFor(birch, ({ paused }) => paused === false);
    assertEquals((await other.job(alder)).paused, true);
  },
  { signedIn: true, scripts: false, viewport: PHONE },
);
