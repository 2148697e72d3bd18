/** Looking through the library, keeping it in order and showing a film to somebody, in a real browser, with and without script. */
import { z } from "zod";
import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE, type Visit, wearSession } from "./rig.ts";

const journey = journeys();

interface Owner {
  person: Person;
  films: string[];
}

let owner: Promise<Owner> | null = null;

/** Signs in as one person with two small films, as the draft renderer makes them: the same for all journeys. */
async function withFilms(visit: Visit): Promise<Owner> {
  owner ??= makeOwner(visit);
  await wearSession(visit.context, visit.scene.url, (await owner).person);
  return await owner;
}

async function makeOwner({ scene }: Visit): Promise<Owner> {
  const person = await scene.newPerson();
  const cast = await person.bringCast();
  const small = { frames: 17, side: 128 };
  const made = [
    await person.animate(cast, { ...small, title: "Lanterns at dusk" }),
    await person.animate(cast, { ...small, title: "Snow", seed: "2" }),
  ];
  for (const { id } of made) assertEquals((await person.waitForEnd(id, 60_000)).status, "completed");
  return { person, films: made.map(({ id }) => id) };
}

const names = (page: Page) => page.locator(".thing .card p").allInnerTexts();
const tick = (page: Page, name: string) => page.check(`[aria-label="Select ${name}"]`);

/** Presses what sends a form, and waits for the page that answers. */
async function press(page: Page, selector: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.click(selector)]);
}

for (const [how, options] of Object.entries({ with: {}, without: { scripts: false, viewport: PHONE } })) {
  journey(
    `films are found, starred, thrown away and brought back ${how} script [YM64]`,
    async (visit) => {
      const { page, open } = visit;
      await withFilms(visit);
      await open("/library");
      assertEquals(await names(page), ["Snow", "Lanterns at dusk"]);
      assertEquals(await page.locator(".bulk").isVisible(), false, "nothing is ticked, so there is no bar");
      await page.fill("[name=search]", "lant");
      await press(page, "text=Find");
      assertEquals(await names(page), ["Lanterns at dusk"]);
      await press(page, ".starry");
      assertEquals(await page.locator(".starred").count(), 1);
      await press(page, "nav >> text=Starred");
      assertEquals(await names(page), ["Lanterns at dusk"]);
      await open("/library");
      await tick(page, "Snow");
      assert(await page.locator(".bulk").isVisible());
      // The judge of a page is a script itself.
      if (how === "with") await assertOpenToAll(page);
      await press(page, ".bulk [value=trash]");
      assertEquals(
        await page.locator("[role=status].note").innerText(),
        "1 thing moved to the trash.\nOpen the trash",
      );
      assertEquals(await names(page), ["Lanterns at dusk"]);
      await press(page, "text=Open the trash");
      assertEquals(await names(page), ["Snow"]);
      await press(page, "text=Select all here");
      await press(page, ".bulk [value=restore]");
      await open("/library");
      assertEquals((await names(page)).length, 2);
      await press(page, ".starred .starry");
      assertEquals(await page.locator(".starred").count(), 0);
    },
    options,
  );
}

journey("a selection of films and files comes as one ZIP", async (visit) => {
  const { page, open } = visit;
  await withFilms(visit);
  await open("/library?all=1");
  assertEquals(await page.locator(".bulk p").innerText(), "selected");
  const counted = await page.locator(".bulk p").evaluate((bar) => getComputedStyle(bar, "::before").content);
  assertMatch(counted, /counter\(picked\)/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".bulk [value=zip]")]);
  assertMatch(download.suggestedFilename(), /^Animatrix - \d{4}-\d\d-\d\d - 2\.zip$/);
  const bytes = await Deno.readFile(await download.path());
  const text = new TextDecoder("latin1").decode(bytes);
  assertMatch(text, /Lanterns at dusk - \d{4}-\d\d-\d\d - draft\.mp4/);
  assertEquals(text.split("PK\u0001\u0002").length - 1, 2, "two entries in its directory");
});

journey("a project is made, filled from the library and left again, by keyboard alone", async (visit) => {
  const { page, open } = visit;
  await withFilms(visit);
  await open("/projects");
  await page.focus("[name=name]");
  await page.keyboard.type("Five shots");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  assertEquals(await page.locator("h1").innerText(), "Five shots");
  const project = page.url().split("?")[0] ?? "";
  await open("/library");
  await page.focus('[aria-label="Select Snow"]');
  await page.keyboard.press("Space");
  await page.focus(".bulk [value=move]");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await open(new URL(project).pathname);
  assertEquals(await names(page), ["Snow"]);
  await page.click("summary:has-text('Edit')");
  await assertOpenToAll(page);
  for (let n = 0; n < 2; n++) await press(page, "button:has-text('Delete the project')");
  assertEquals(new URL(page.url()).pathname, "/projects");
  await open("/library");
  assertEquals((await names(page)).length, 2);
});

journey("whoever has a link plays the film, until it is taken back [AX42]", async (visit) => {
  const { page, open, context, newTab, expect } = visit;
  const { person, films } = await withFilms(visit);
  await open(`/jobs/${films[0]}/share`);
  await assertOpenToAll(page);
  await press(page, "text=Make a link");
  const url = await page.locator("code").innerText();
  await context.clearCookies();
  const guest = await newTab();
  await guest.goto(url);
  await assertOpenToAll(guest);
  assertEquals(await guest.locator("h1").innerText(), "Lanterns at dusk");
  const video = guest.locator("video");
  await video.evaluate((film: HTMLVideoElement) => film.play());
  await guest.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.2);
  const sought = await video.evaluate((film: HTMLVideoElement) =>
    new Promise<number>((resolve) => {
      film.onseeked = () => resolve(film.currentTime);
      film.pause();
      film.currentTime = film.duration / 2;
    })
  );
  assert(sought > 0, "seeking works");
  await guest.reload();
  assertEquals(await guest.locator("h1").innerText(), "Lanterns at dusk");
  const { items } = await person.json(
    z.object({ items: z.array(z.looseObject({ id: z.string() })) }),
    "GET",
    `/jobs/${films[0]}/shares`,
  );
  await person.send("DELETE", `/shares/${items[0]?.id}`);
  expect(/^410 GET /);
  await guest.reload();
  assertEquals(await guest.locator("h1").innerText(), "This link was taken back");
});

journey("what is deleted for good is asked about first, and gone afterwards", async (visit) => {
  const { page, open } = visit;
  const { person, films } = await withFilms(visit);
  await person.json(z.unknown(), "POST", "/library/mark", { action: "trash", films });
  await open("/library?show=trash");
  await press(page, "text=Empty the trash");
  assertMatch(await page.locator("h1").innerText(), /Delete everything/);
  await assertOpenToAll(page);
  await press(page, "text=Keep it");
  assertEquals((await names(page)).length, 2);
  await press(page, "text=Empty the trash");
  await press(page, "text=Delete for good");
  assertMatch(await page.locator("main").innerText(), /2 things deleted for good\.[^]*The trash is empty/);
  assertEquals((await person.send("GET", `/jobs/${films[0]}`)).status, 404);
});
