/** A job's page in a real browser: it moves by itself, plays by the frame, and everything is done without leaving it. */
import type { Page, Request } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import type { Cast, Person } from "@/tests/rig/person.ts";
import { until } from "@/tests/actors/runtime/quiet.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE, untilLive } from "./rig.ts";

const journey = journeys({ stepMs: 150 });

/** Seconds of film that the draft renderer takes longer for than any look at it. */
const LONG_S = 40;
/** Two parts: the first makes 77 frames. */
const TWO_PARTS = 90;

async function begin(person: Person, seconds = LONG_S): Promise<{ id: string; cast: Cast }> {
  const cast = await person.bringCast();
  const { id } = await person.perform(cast, { title: "A long evening", seconds });
  await person.waitFor(id, ({ status }) => status === "executing");
  return { id, cast };
}

async function finish(person: Person, frames: number): Promise<string> {
  const { id } = await person.animate(await person.bringCast(), { title: "Harbour", frames });
  assertEquals((await person.waitForEnd(id, 120_000)).status, "completed");
  return id;
}

const big = (page: Page) => page.locator(".big b");
const percentOf = async (page: Page) =>
  Number((await big(page).textContent())?.match(/^(\d+) %$/)?.[1] ?? NaN);
const says = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

/** A page that was not left still has its mark. */
async function markPage(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => void (document.documentElement.dataset.marked = "yes"));
  return async () =>
    assertEquals(await page.locator("html").getAttribute("data-marked"), "yes", "the page was left");
}

/** Every word the heading has said from now on, however short it stood there. */
async function watchHeading(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const listen = () => said.push(document.querySelector(".big")?.textContent ?? "");
    new MutationObserver(listen).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => page.evaluate("said");
}

/** What moved without anybody's doing, from the beginning of the page: each element with its places. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    interface Shift extends PerformanceEntry {
      hadRecentInput: boolean;
      sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
    }
    const moved: string[] = [];
    Object.assign(globalThis, { moved });
    const place = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join();
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, sources } of list.getEntries() as Shift[]) {
        for (const { node, previousRect, currentRect } of hadRecentInput ? [] : sources) {
          const what = node instanceof Element ? node.outerHTML : node?.textContent ?? "";
          moved.push(`${what.slice(0, 100)} ${place(previousRect)} to ${place(currentRect)}`);
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate("moved");
}

journey(
  "[AX42] a finished film plays, by the frame and from any place, and is asked for in parts",
  async (visit) => {
    const { page, person, open } = visit;
    const id = await finish(person, 33);
    const parts: number[] = [];
    page.on("response", (answer) => {
      if (/outputs\/.*\/file$/.test(answer.url())) parts.push(answer.status());
    });
    await open(`/jobs/${id}`);
    const video = page.locator(".player video").first();
    await page.waitForFunction(() =>
      (document.querySelector<HTMLVideoElement>(".player video")?.videoWidth ?? 0) > 0
    );
    assertEquals(await video.evaluate((film: HTMLVideoElement) => [film.videoWidth, film.videoHeight]), [
      320,
      320,
    ]);
    assert(parts.length > 0 && parts.every((status) => status === 206), String(parts));
    const frame = page.locator(".ctl .frame");
    for (const wanted of ["frame 1", "frame 2", "frame 3"]) {
      await page.keyboard.press(".");
      await page.waitForFunction(
        (text) => document.querySelector(".ctl .frame")?.textContent === text,
        wanted,
      );
    }
    await page.keyboard.press(",");
    assertEquals(await frame.textContent(), "frame 2");
    await page.getByRole("slider", { name: "Position" }).fill("20");
    assertEquals(await frame.textContent(), "frame 20");
    assert(Math.abs(await video.evaluate((film: HTMLVideoElement) => film.currentTime) - 20.5 / 16) < 0.001);
    await page.keyboard.press("m");
    await page.keyboard.press("l");
    await page.locator("h1").click();
    await page.keyboard.press(" ");
    await page.waitForFunction(() => !document.querySelector<HTMLVideoElement>(".player video")?.paused);
    assertEquals(await video.evaluate((film: HTMLVideoElement) => [film.muted, film.loop]), [true, true]);
    await page.getByRole("button", { name: "Pause" }).click();
    assertEquals(await video.evaluate((film: HTMLVideoElement) => film.paused), true);
  },
  { signedIn: true },
);

journey(
  "a running job moves by itself to its end: the percentage never falls and nothing else moves",
  async (visit) => {
    const { page, person, open } = visit;
    const { id } = await person.perform(await person.bringCast(), { title: "Short", seconds: 6 });
    await open(`/jobs/${id}`);
    const stays = await markPage(page);
    const shifts = await watchShifts(page);
    const seen: number[] = [];
    for (;;) {
      const now = await percentOf(page);
      if (Number.isNaN(now)) break;
      seen.push(now);
      await page.waitForFunction(
        (last) => document.querySelector(".big b")?.textContent !== `${last} %`,
        now,
      );
    }
    assertEquals(await big(page).textContent(), "Ready");
    assertEquals(seen, seen.toSorted((a, b) => a - b));
    assert(seen.length > 3, String(seen));
    await page.waitForFunction(() =>
      document.querySelector<HTMLVideoElement>(".player video")?.src.includes("/outputs/")
    );
    assertEquals(await page.title(), "Ready · Short");
    assertEquals(await shifts(), []);
    await stays();
  },
  { signedIn: true },
);

journey(
  "[XC9] a page stops listening when its film has ended, and opened anew it does not begin again",
  async (visit) => {
    const { page, person, open } = visit;
    const { id } = await begin(person);
    const listening = new Set<string>();
    const begun: string[] = [];
    page.on("request", (request) => {
      if (!request.url().includes("/api/events")) return;
      listening.add(request.url());
      begun.push(request.url());
    });
    const forget = (request: Request) => void listening.delete(request.url());
    page.on("requestfailed", forget);
    page.on("requestfinished", forget);
    await open(`/jobs/${id}`);
    await page.waitForFunction(() => document.querySelector(".big b")?.textContent?.includes("%"));
    await until(() => begun.length > 0);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForFunction(() => document.querySelector(".big b")?.textContent === "Cancelled");
    await until(() => listening.size === 0);
    begun.length = 0;
    await open(`/jobs/${id}`);
    // Whoever listens has asked by then: the page is live and the browser is idle.
    await page.waitForLoadState("networkidle");
    assertEquals(begun, []);
  },
  { signedIn: true },
);

journey("[AX26] a job is cancelled while it runs, and the page says so at once", async (visit) => {
  const { page, person, open } = visit;
  const { id } = await begin(person);
  await open(`/jobs/${id}`);
  const stays = await markPage(page);
  const said = await watchHeading(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForFunction(() => document.querySelector(".big b")?.textContent === "Cancelled");
  const words = await said();
  assert(words.some((text) => text.includes("Stopping")), `said ${[...new Set(words)].join(" | ")}`);
  assertMatch(await page.locator(".end").textContent() ?? "", /You stopped this film/);
  await stays();
}, { signedIn: true });

journey(
  "a part is taken again with changes, the person decides what follows, and the takes are compared",
  async (visit) => {
    const { page, person, open } = visit;
    const id = await finish(person, TWO_PARTS);
    await open(`/jobs/${id}`);
    const stays = await markPage(page);
    await page.getByRole("link", { name: "Take part 1 again" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("Prompt").fill("A dancer in the rain");
    await assertOpenToAll(page);
    await sheet.getByRole("button", { name: "Take it again" }).click();
    await sheet.waitFor({ state: "hidden" });
    await says(page, "The new take of part 1 is there.");
    await page.getByRole("button", { name: "Use as it is" }).click();
    await page.waitForFunction(() => document.querySelector(".big b")?.textContent === "Ready");
    assertMatch(await page.locator(".part").first().textContent() ?? "", /1 · take 2/);
    await stays();
    const { steps } = await person.job(id);
    assertEquals(steps.filter((step) => step.id.startsWith("chunk")).length, 3, "part 2 was kept");
    await page.getByRole("link", { name: "Compare takes" }).click();
    await untilLive(page);
    await page.waitForFunction(() =>
      [...document.querySelectorAll("video")].every((film) => film.readyState > 1)
    );
    await page.keyboard.press(".");
    await page.keyboard.press(".");
    const places = await page.locator("video").evaluateAll((films) =>
      films.map((film) => film instanceof HTMLVideoElement ? film.currentTime : NaN)
    );
    assertEquals(places, [2.5 / 16, 2.5 / 16]);
    await page.getByRole("slider", { name: "Where the wipe stands" }).fill("20");
    assertMatch(await page.locator(".stage").getAttribute("style") ?? "", /--wipe: 20%/);
    await page.getByRole("button", { name: "Side by side" }).click();
    await assertOpenToAll(page);
  },
  { signedIn: true },
);

journey("a page that is loaded again in the middle of a job goes on where it was", async (visit) => {
  const { page, person, open } = visit;
  const { id } = await begin(person);
  await person.waitFor(
    id,
    ({ steps }) => steps.some(({ id, state }) => id === "chunk-001" && state === "done"),
  );
  await open(`/jobs/${id}`);
  const before = await percentOf(page);
  await page.reload();
  assert(await percentOf(page) >= before, "already in what the server sent");
  await untilLive(page);
  assert(await percentOf(page) >= before);
  await page.waitForFunction(
    (last) => Number.parseInt(document.querySelector(".big b")?.textContent ?? "") > last,
    before,
  );
  await person.command(id, "cancel");
}, { signedIn: true });

journey("what one tab does the other one shows, with one stream each", async (visit) => {
  const { page, person, open } = visit;
  const { id } = await begin(person);
  const streams: string[] = [];
  page.on("request", (request) => request.url().includes("/api/events") && streams.push(request.url()));
  await open(`/jobs/${id}`);
  const other = await visit.newTab();
  await other.goto(`/jobs/${id}`);
  await untilLive(other);
  await page.bringToFront();
  await page.getByRole("button", { name: "Pause now" }).click();
  await says(page, "Go on");
  await other.bringToFront();
  await other.getByRole("button", { name: "Go on" }).click();
  await page.bringToFront();
  await page.getByRole("button", { name: "Pause after this part" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await other.bringToFront();
  await other.waitForFunction(() => document.querySelector(".big b")?.textContent === "Cancelled");
  assert(streams.length >= 1 && streams.every((url) => url.includes(`jobs=${id}`)), String(streams));
}, { signedIn: true });

journey(
  "a page outlives a restart of the studio: it says that nobody answers, and then goes on by itself",
  async (visit) => {
    const { page, person, open, scene } = visit;
    visit.expect(/request failed|ERR_|503/);
    const { id } = await begin(person, 8);
    await open(`/jobs/${id}`);
    const stays = await markPage(page);
    const before = await percentOf(page);
    await scene.stop();
    await says(page, "The studio does not answer; trying again");
    await page.getByRole("button", { name: "Cancel" }).click();
    await says(page, "Nothing was changed");
    await scene.begin();
    await page.getByText("The studio does not answer; trying again").waitFor({ state: "hidden" });
    assert(await percentOf(page) >= before);
    await page.waitForFunction(() => document.querySelector(".big b")?.textContent === "Ready", null, {
      timeout: 60_000,
    });
    await stays();
  },
  { signedIn: true },
);

journey("an ended session is told, with the way back", async (visit) => {
  const { page, person, open, scene } = visit;
  visit.expect(/request failed|ERR_|401/);
  const { id } = await begin(person);
  await open(`/jobs/${id}`);
  await page.waitForFunction(() => performance.getEntriesByName("fresh:live").length > 0);
  await person.send("POST", "/auth/logout");
  await scene.restart();
  await says(page, "Your session has ended");
  const back = page.getByRole("link", { name: "Sign in again" });
  assertEquals(await back.getAttribute("href"), `/login?next=${encodeURIComponent(`/jobs/${id}`)}`);
}, { signedIn: true });

journey("everything can be reached and done with the keyboard alone", async (visit) => {
  const { page, person, open } = visit;
  const { id } = await begin(person);
  await open(`/jobs/${id}`);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  for (let n = 0; n < 60 && await focused() !== "Cancel"; n++) await page.keyboard.press("Tab");
  assertEquals(await focused(), "Cancel");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".big b")?.textContent === "Cancelled");
}, { signedIn: true });

for (const [width, options] of Object.entries({ wide: {}, narrow: { viewport: PHONE } })) {
  journey(`a running and a failed job's page keep nobody out on a ${width} screen`, async (visit) => {
    const { page, person, open, scene } = visit;
    const { id, cast } = await begin(person);
    await person.waitFor(
      id,
      ({ steps }) => steps.some(({ id, state }) => id === "chunk-001" && state === "done"),
    );
    await open(`/jobs/${id}`);
    await assertOpenToAll(page);
    await person.command(id, "cancel");
    await scene.draft.obey({ do: "next", fault: "node_errors", count: 9 });
    const failing = await person.perform(cast, { title: "Storm", seconds: 2 });
    assertEquals((await person.waitForEnd(failing.id, 60_000)).status, "failed");
    await scene.draft.obey({ do: "clear" });
    await open(`/jobs/${failing.id}`);
    await says(page, "Try again");
    await assertOpenToAll(page);
  }, { signedIn: true, ...options });
}

journey("[XC24] with JavaScript off a job is cancelled by its form", async (visit) => {
  const { page, person, open } = visit;
  const { id } = await begin(person);
  await open(`/jobs/${id}`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await person.waitForEnd(id);
  await open(`/jobs/${id}`);
  assertEquals(await big(page).textContent(), "Cancelled");
}, { signedIn: true, scripts: false });

journey(
  "on the studio's page a film made elsewhere appears, moves and is ready to be watched, and nothing else moves",
  async (visit) => {
    const { page, person, open } = visit;
    const cast = await person.bringCast();
    const first = await person.perform(cast, { title: "The first one", seconds: 2 });
    await person.waitForEnd(first.id, 60_000);
    await open("/dashboard");
    await says(page, "Nothing is rendering. What you start appears here.");
    const shifts = await watchShifts(page);
    await person.perform(cast, { title: "Made elsewhere", seconds: 2 });
    const card = page.locator(".live", { hasText: "Made elsewhere" });
    await card.waitFor();
    await card.getByText("Watch it").waitFor({ timeout: 60_000 });
    assertMatch(await card.textContent() ?? "", /Ready.*100 %/);
    assertEquals(await shifts(), []);
    await card.click();
    await page.waitForURL(/\/jobs\//);
  },
  { signedIn: true },
);
