/** Journeys through the queue in a real browser: order by keys and by drag, everything at once, two tabs, a restart. */
import type { Locator, Page } from "playwright-core";
import { queue as words } from "@/core/words/queue.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE, untilLive, type Visit, WIDE } from "./rig.ts";

const journey = journeys({ stepMs: 1500, env: { COMFY_SLOTS: "1" } });

const TITLES = ["Alder", "Birch", "Cedar", "Dogwood"];
const STATUS = "[role=status].unseen";

/** The renderer knows what it made before: each film has a seed of its own. */
let seed = 0;
let operator: Person | null = null;

/** Somebody new whose films wait for the one server, which takes nothing new. */
async function fillQueue(visit: Visit): Promise<Map<string, string>> {
  operator ??= await visit.scene.newPerson();
  await operator.send("POST", "/admin/backends/draft/drain");
  const person = await visit.signUp();
  const cast = await person.bringCast();
  const ids = new Map<string, string>();
  for (const title of TITLES) {
    const { id } = await person.perform(cast, { title, seconds: 1, seed: String(++seed) });
    ids.set(title, id);
  }
  for (const id of ids.values()) await person.waitFor(id, (job) => job.status === "queued", 60_000);
  await visit.open("/queue");
  await untilWaiting(visit.page, TITLES);
  return ids;
}

async function waiting(page: Page): Promise<string[]> {
  return await page.locator("ol.line .what > p").allTextContents();
}

async function untilWaiting(page: Page, titles: string[]): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("ol.line .what > p")].map((p) => p.textContent).join() === wanted,
    titles.join(),
  );
}

/** Waits until so many films say this. */
async function untilSaid(page: Page, sentence: string, films: number): Promise<void> {
  await page.waitForFunction(
    ([sentence, films]) =>
      [...document.querySelectorAll(".line .meta > p:first-child")]
        .filter((p) => p.textContent === sentence).length === films,
    [sentence, films] as const,
  );
}

function rowOf(page: Page, title: string): Locator {
  return page.locator(".line > li", { has: page.getByRole("link", { name: title }) });
}

function gripOf(page: Page, title: string): Locator {
  return page.getByRole("button", { name: words.move.grip(title) });
}

journey(
  "an order by keys is told at each step, outlives a reload and a restart, and is served",
  async (visit) => {
    const { page, scene } = visit;
    const ids = await fillQueue(visit);
    const status = page.locator(STATUS);
    await gripOf(page, "Dogwood").focus();
    await page.keyboard.press("Space");
    assertEquals(await status.textContent(), words.move.lifted("Dogwood", 4, 4));
    await page.keyboard.press("ArrowUp");
    assertEquals(await status.textContent(), words.move.moved(3, 4));
    await page.keyboard.press("Home");
    const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    assertEquals(focused, words.move.grip("Dogwood"));
    const answered = page.waitForResponse((answer) => answer.url().includes("/api/queue/order"));
    await page.keyboard.press("Space");
    assertEquals(await status.textContent(), words.move.dropped("Dogwood", 1, 4));
    assertEquals((await answered).status(), 200);
    const order = ["Dogwood", "Alder", "Birch", "Cedar"];
    assertEquals(await waiting(page), order);
    await page.reload();
    assertEquals(await waiting(page), order);
    await page.goto("about:blank");
    await scene.restart();
    await visit.open("/queue");
    await untilWaiting(page, order);
    await operator?.send("POST", "/admin/backends/draft/up");
    await visit.person.waitFor(ids.get("Dogwood") ?? "", (job) => job.status === "executing", 60_000);
    for (const title of ["Alder", "Birch", "Cedar"]) {
      assertEquals((await visit.person.job(ids.get(title) ?? "")).status, "queued", title);
    }
  },
);

journey("a lifted film that is let go with Escape is back in its place", async (visit) => {
  const { page } = visit;
  await fillQueue(visit);
  let orders = 0;
  page.on("request", (request) => orders += request.url().includes("/api/queue/order") ? 1 : 0);
  await gripOf(page, "Birch").focus();
  for (const key of ["Enter", "End", "Escape"]) await page.keyboard.press(key);
  assertEquals(await waiting(page), TITLES);
  assertEquals(await page.locator(STATUS).textContent(), words.move.back("Birch"));
  assertEquals(orders, 0);
});

for (const [width, viewport] of Object.entries({ wide: WIDE, narrow: PHONE })) {
  journey(
    `a film is dragged to another place on a ${width} screen, and another tab sees it`,
    async (visit) => {
      const { page } = visit;
      await fillQueue(visit);
      const other = await visit.newTab();
      await other.goto("/queue");
      await untilLive(other);
      await page.bringToFront();
      await drag(page, "Cedar", "Alder");
      const order = ["Cedar", "Alder", "Birch", "Dogwood"];
      await untilWaiting(page, order);
      await other.bringToFront();
      await untilWaiting(other, order);
      await page.reload();
      assertEquals(await waiting(page), order);
    },
    { viewport },
  );
}

/** Takes a film by its grip and drops it above another one. */
async function drag(page: Page, title: string, above: string): Promise<void> {
  await rowOf(page, above).scrollIntoViewIfNeeded();
  const [from, to] = [await gripOf(page, title).boundingBox(), await gripOf(page, above).boundingBox()];
  assert(from && to);
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const part of [0.3, 0.7, 1, 1.05]) await page.mouse.move(x, y + (to.y - from.y) * part);
  assertEquals(await page.locator("li.lifted").count(), 1);
  await page.mouse.up();
  assertEquals(await page.locator("li.lifted").count(), 0);
}

journey("cancel all but this stops every other film and leaves this one", async (visit) => {
  const { page } = visit;
  const ids = await fillQueue(visit);
  const { person } = visit;
  await page.getByLabel(words.more("Cedar")).click();
  await rowOf(page, "Cedar").getByRole("button", { name: words.acts.others }).click();
  for (const title of ["Alder", "Birch", "Dogwood"]) {
    assertEquals((await person.waitForEnd(ids.get(title) ?? "", 60_000)).status, "cancelled");
  }
  await untilWaiting(page, ["Cedar"]);
  assertEquals((await person.job(ids.get("Cedar") ?? "")).status, "queued");
  await page.getByText(words.all.cancel, { exact: true }).click();
  await page.getByRole("button", { name: words.all.cancelNow(1) }).click();
  await page.getByText(words.empty.title).waitFor();
});

journey("pause all and resume all reach every film, and the page follows", async (visit) => {
  const { page } = visit;
  await fillQueue(visit);
  await page.getByRole("button", { name: words.all.pause }).click();
  await untilSaid(page, words.waits.pause, 4);
  await page.getByRole("button", { name: words.all.resume }).click();
  await untilSaid(page, words.waits.server, 4);
});

journey("the queue keeps nobody out with films in it and a menu open, from 360 px on", async (visit) => {
  const { page } = visit;
  await fillQueue(visit);
  for (const viewport of [WIDE, PHONE, { width: 360, height: 740 }]) {
    await page.setViewportSize(viewport);
    await page.getByLabel(words.more("Birch")).click();
    await rowOf(page, "Birch").getByRole("button", { name: words.acts.down }).waitFor();
    await assertOpenToAll(page);
    await page.keyboard.press("Escape");
  }
});

journey("without scripts films are moved and paused by buttons", async (visit) => {
  const { page } = visit;
  const ids = await fillQueue(visit);
  await page.getByLabel(words.more("Dogwood")).click();
  await rowOf(page, "Dogwood").getByRole("button", { name: words.acts.front }).click();
  await page.waitForURL(/#job-/);
  assertEquals(await waiting(page), ["Dogwood", "Alder", "Birch", "Cedar"]);
  const answered = page.waitForEvent("load");
  await page.getByRole("button", { name: words.actOn(words.acts.pause, "Birch") }).click();
  await answered;
  await visit.person.waitFor(ids.get("Birch") ?? "", (job) => job.paused === true);
  await page.reload();
  assertMatch(await rowOf(page, "Birch").textContent() ?? "", /Paused\. It keeps its place\./);
}, { scripts: false });
