/** Long takes in a real browser: prompt files are dropped, put right and made; the film grows where it is watched; a piece is taken again. */
import type { Page } from "playwright-core";
import { z } from "zod";
import { assert, assertEquals } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll, setOnline } from "./conditions.ts";
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
    await page.getByLabel("Frames of a part").fill("10");
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
  await page.getByLabel("Frames of a part").fill("12");
  await page.getByLabel("Frames repeated").fill("12");
  await says(page, "Must be less than the frames of a part.");
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
    await says(page, "1 part, 5 frames, 0.31 s");
    await page.locator(".ctl .time", { hasText: /0:00\.3$/ }).waitFor();
    await page.getByRole("link", { name: "Version 2 of the film" }).waitFor();
    await assertOpenToAll(page);
  },
  { signedIn: true },
);

/** Files and folders of this machine, let go over the page by the browser itself: a script cannot make folders up. */
async function dropPaths(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await session.detach();
}

journey(
  "[PR7] a folder is dropped and its clip goes along with the file of its name; without a line what was entered stays",
  async ({ page, open, expect }) => {
    expect(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
    const dir = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${dir}/takes/inner`, { recursive: true });
      await Deno.writeTextFile(`${dir}/takes/boat.txt`, "boat\n\n9\n\nA paper boat\n");
      await Deno.writeTextFile(`${dir}/takes/inner/harbour.txt`, "harbour\n\n20\n\nA foggy harbour\n");
      await Deno.copyFile("static/samples/drive.mp4", `${dir}/takes/inner/harbour.mp4`);
      await open("/takes/new");
      await dropPaths(page, [`${dir}/takes`]);
      const takes = page.getByRole("list", { name: "Takes", exact: true }).locator("> li");
      const harbour = takes.filter({ hasText: "harbour.mp4" });
      await harbour.getByText("harbour.mp4").waitFor();
      assertEquals(await takes.count(), 2);
      await page.getByLabel("Frames of a part").fill("8");
      await page.getByRole("list", { name: "How harbour will be cut" }).locator("li").nth(2).waitFor();

      await harbour.locator("summary", { hasText: "Words and length" }).click();
      await setOnline(page, false);
      await harbour.getByLabel("Frames", { exact: true }).fill("30");
      await says(page, "The studio does not answer. What you entered is kept here");
      await setOnline(page, true);
      await page.getByRole("list", { name: "How harbour will be cut" }).locator("li").nth(3).waitFor();
      assertEquals(await harbour.getByLabel("Frames", { exact: true }).inputValue(), "30");
      await assertOpenToAll(page);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
  { signedIn: true },
);

journey(
  "a film whose pieces drifted is seen as it is and as its pieces came, at the same place, and leads back",
  async ({ page, open, person, scene }) => {
    await scene.draft.obey({ do: "set", settings: { driftPercent: 6 } });
    const { id } = await person.create({
      mode: "take",
      title: "drifting",
      prompt: "A walk along a foggy harbour",
      settings: { width: 128, height: 128, preset: "fast", seed: "7", frames: 10 },
      take: { chunk: 5 },
    });
    const ended = await person.waitForEnd(id);
    await scene.draft.obey({ do: "set", settings: { driftPercent: 0 } });
    const { beforeUrl } = z.object({ beforeUrl: z.string() }).parse(ended.take);
    await open(`/jobs/${id}`);
    const shown = () => page.locator(".watch video[src]").first().getAttribute("src");
    const film = await shown();
    await page.locator("h1").click();
    const frame = page.locator(".ctl .frame");
    for (const n of [1, 2, 3]) {
      await page.keyboard.press(".");
      await frame.getByText(`frame ${n}`).waitFor();
    }
    const ways = page.getByRole("navigation", { name: "Which film is shown" });
    await ways.getByRole("link", { name: "Before" }).click();
    await page.waitForFunction(
      (url) => document.querySelector(`.watch video[src="${url}"]`) !== null,
      beforeUrl,
    );
    await frame.getByText("frame 3").waitFor();
    assertEquals(await ways.getByRole("link", { name: "Before" }).getAttribute("aria-current"), "true");
    await assertOpenToAll(page);
    await ways.getByRole("link", { name: "After" }).click();
    await page.waitForFunction((url) => document.querySelector(`.watch video[src="${url}"]`) !== null, film);
    await frame.getByText("frame 3").waitFor();
    // How much is shown of how the pieces meet: what it was, and what is left.
    await page.locator(".joins dd", { hasText: /before correction/ }).waitFor();
  },
  { signedIn: true },
);
