/** Long takes in a real browser: prompt files are dropped, put right and made; the film grows where it is watched; a piece is taken again. */
import type { Page } from "playwright-core";
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys();

const says = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

/** Files let go over the page, as a hand does. */
async function drop(page: Page, files: [name: string, text: string][]): Promise<void> {
  const dataTransfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const [name, text] of given) transfer.items.add(new File([text], name, { type: "text/plain" }));
    return transfer;
  }, files);
  await page.dispatchEvent("body", "dragover", { dataTransfer });
  await page.dispatchEvent("body", "drop", { dataTransfer });
}

const Jobs = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), title: z.string(), prompt: z.string() })),
});

journey(
  "[PR7] prompt files are dropped, one with faults is put right where it stands, the plan is seen as strips, and all are made",
  async ({ page, open, person }) => {
    await open("/takes/new");
    await drop(page, [
      ["harbour.txt", "harbour.mp4\n\n20\n\nA walk along a foggy harbour\n[chunk 2] rain begins\n"],
      ["broken.txt", "train.mp4\n\nmany\n\nA night train\n"],
    ]);
    await says(page, "Block 2, line 3");
    await page.locator(".take.bad textarea").fill("train.mp4\n\n9\n\nA night train\n");
    await page.getByRole("button", { name: "Read it again" }).click();
    await page.getByLabel("Frames of a piece").fill("10");
    await page.getByLabel("Width").fill("320");
    await page.getByLabel("Height").fill("320");
    const strip = page.getByRole("list", { name: "How harbour will be cut" });
    await strip.getByText("rain begins").waitFor();
    assertEquals(await strip.locator("li").count(), 2);
    await strip.getByText("0:00.6–0:01.2").waitFor();
    await assertOpenToAll(page);
    await page.getByRole("button", { name: "Make 2 films" }).click();
    await says(page, "All 2 films are on the way.");
    const { items } = await person.json(Jobs, "GET", "/jobs");
    assertEquals(items.map(({ title, prompt }) => [title, prompt]).sort(), [
      ["harbour", "A walk along a foggy harbour\n[chunk 2] rain begins"],
      ["train", "A night train"],
    ]);
    for (const { id } of items) await person.command(id, "cancel");
  },
  { signedIn: true },
);

journey("the plan is read on a phone, and a file of nonsense says so", async ({ page, open }) => {
  await open("/takes/new");
  await drop(page, [["nonsense.txt", "\u0000"], ["picture.bmp", ""]]);
  await says(page, "nonsense.txt needs a correction");
  await says(page, "picture.bmp is neither a prompt file nor a picture or clip.");
  await page.locator("summary", { hasText: "Or write one here" }).click();
  await page.getByLabel("Or write one here").fill("boat\n\n48\n\nA paper boat\n");
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByLabel("Frames of a piece").fill("12");
  await page.getByLabel("Frames repeated").fill("12");
  await says(page, "Must be less than the frames of a piece.");
  await page.getByLabel("Frames repeated").fill("2");
  await page.locator(".cuts li", { hasText: "+ 2 repeated" }).first().waitFor();
  assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await assertOpenToAll(page);
}, { signedIn: true, viewport: PHONE });

/** A take of three pieces whose second one hangs until the faults are cleared. */
async function halfDone(person: Person, obey: (order: never) => Promise<unknown>): Promise<string> {
  for (const fault of [{ fault: "slow", value: 1, count: 2 }, { fault: "hang" }]) {
    await obey({ do: "next", ...fault } as never);
  }
  const { id } = await person.create({
    mode: "take",
    title: "harbour",
    prompt: "A walk along a foggy harbour",
    settings: { width: 320, height: 320, preset: "fast", seed: "7", frames: 15 },
    take: { chunk: 5 },
  });
  await person.waitFor(
    id,
    ({ steps }) => steps.some((step) => step.id === "high-003" && step.state === "running"),
  );
  return id;
}

journey(
  "a long take ends earlier, its film grows without losing the place where it is watched, tells how its pieces meet, and a piece is taken again",
  async ({ page, open, person, scene }) => {
    const id = await halfDone(person, (order) => scene.draft.obey(order));
    await open(`/jobs/${id}`);
    await says(page, /The film so far/);
    assertEquals(await page.locator(".part").count(), 3);
    await page.locator("summary", { hasText: "End the take earlier" }).click();
    await page.getByRole("combobox", { name: "End the take earlier" }).selectOption({ index: 1 });
    await page.getByRole("button", { name: "End it there" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".part").length === 2);
    await page.locator("h1").click();
    await page.keyboard.press(".");
    await page.keyboard.press(".");
    const frame = page.locator(".ctl .frame");
    await frame.getByText("frame 2").waitFor();
    await scene.draft.obey({ do: "clear" });
    await page.locator(".big b", { hasText: /^Ready$/ }).waitFor({ timeout: 60_000 });
    await page.locator(".ctl .time", { hasText: /0:00\.6$/ }).waitFor();
    assertEquals(await frame.textContent(), "frame 2");
    await page.locator(".joins dd").first().waitFor();
    await assertOpenToAll(page);

    await page.getByRole("link", { name: "Take part 1 again" }).click();
    await page.locator("#retake-prompt").fill("A walk along a sunny harbour");
    await page.getByLabel("Keep it as it is").check();
    await page.locator("#retake button[value=retake]").click();
    await person.waitFor(id, ({ run, status }) => run === 2 && status === "completed", 60_000);
    await says(page, "Part 2 was made from an older take.");
    await page.getByRole("group", { name: "Takes of part 1" }).waitFor();
    await assertOpenToAll(page);
    const file = await person.send("GET", `/jobs/${id}/prompt-file`);
    assertEquals(await file.text(), "harbour.mp4\n\n10\n\nA walk along a foggy harbour\n");

    // A finished take may end earlier too; what it was stays as an earlier version.
    await page.getByRole("button", { name: "End it there" }).click();
    await person.waitFor(id, ({ run, status }) => run === 3 && status === "completed", 60_000);
    await page.waitForFunction(() => document.querySelectorAll(".part").length === 1);
    await page.locator(".ctl .time", { hasText: /0:00\.3$/ }).waitFor();
    await page.getByRole("link", { name: "Version 2 of the film" }).waitFor();
    await assertOpenToAll(page);
  },
  { signedIn: true },
);
