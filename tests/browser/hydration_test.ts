/** Islands in a real browser: every shape that the server's markup can have comes to life as it was. */
import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { describe } from "@/tests/fixtures/islands/parts/describe.ts";
import { SAMPLES } from "@/tests/fixtures/islands/parts/samples.ts";
import { measureOpening } from "./face.ts";
import { FIXTURES, openFixtures } from "./fixture_app.ts";
import { tours, untilLive } from "./rig.ts";

const tour = tours(() => openFixtures());

const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();

/** Marks the elements of the server, to see whether the browser kept them. */
async function openMarked(page: Page, path: string, selector: string): Promise<() => Promise<boolean>> {
  await page.route(/\/_fresh\/js\//, async (route) => {
    await page.evaluate((selector) => {
      for (const element of document.querySelectorAll(selector)) Object.assign(element, { isServers: true });
    }, selector);
    await route.continue();
  });
  await page.goto(path, { waitUntil: "commit" });
  await untilLive(page);
  return () =>
    page.evaluate((selector) => {
      const all = [...document.querySelectorAll(selector)];
      return all.length > 0 && all.every((element) => "isServers" in element);
    }, selector);
}

tour("islands come alive in the elements of the server and share a signal", async ({ page, open }) => {
  await open("/");
  assertEquals(await texts(page, "output"), ["3", "3"]);
  await page.getByText("a", { exact: true }).click();
  await page.getByText("b", { exact: true }).click();
  await page.getByText("b", { exact: true }).click();
  assertEquals(await texts(page, "output"), ["6", "6"]);
  assertEquals(await page.locator("button:disabled").count(), 0);
});

tour("the browser takes over what the server made instead of making it again", async ({ page }) => {
  const areKept = await openMarked(page, "/", "p, button, output");
  assert(await areKept());
});

tour("a signal deep in a prop is shared, and a computed one arrives as its value", async ({ page, open }) => {
  await open("/signals");
  assertEquals(await texts(page, "#frozen, #living"), ["4", "4"]);
  await page.locator("button").click();
  assertEquals(await texts(page, "#frozen, #living"), ["4", "6"]);
});

tour(
  "markup inside an island stays as it was, is hidden and comes back, with its islands",
  async ({ page, open }) => {
    await open("/slots");
    const body = page.locator(".plain-body");
    const before = await body.innerHTML();
    assertMatch(before, /<b class="kept" data-mark="1">kept<\/b> text <input class="typed" value="given">/);
    assert(await page.locator(".off").isDisabled());
    assertEquals(await page.locator(".aside").count(), 1);
    await page.locator(".plain-toggle").click();
    assertEquals([await body.count(), await page.locator(".aside").count()], [0, 0]);
    await page.locator(".plain-toggle").click();
    assertEquals(await texts(page, ".kept, .aside"), ["kept", "beside"]);
    assert(await page.locator(".off").isDisabled());
    assertEquals(await page.locator(".typed").inputValue(), "given");
  },
);

tour(
  "markup that the island did not show yet waits in a template, islands included",
  async ({ page, open }) => {
    await open("/slots");
    assertEquals(await page.locator(".hidden").count(), 0);
    await page.locator(".later-toggle").click();
    assertEquals(await texts(page, ".hidden"), ["hidden at first"]);
    await page.getByText("beside", { exact: true }).last().click();
    await page.getByText("hidden", { exact: true }).click();
    assertEquals(await texts(page, ".later output"), ["2"]);
  },
);

tour(
  "islands in slots of islands in slots live, and share signals with those outside",
  async ({ page, open }) => {
    await open("/slots");
    await page.getByText("nested", { exact: true }).click();
    await page.getByText("deep", { exact: true }).click();
    assertEquals(await texts(page, ".outer output"), ["2", "2"]);
    await page.locator(".inner-toggle").click();
    assertEquals(await page.locator(".outer output").count(), 1);
    await page.locator(".inner-toggle").click();
    assertEquals(await texts(page, ".outer output"), ["2", "2"]);
    assertEquals(await page.locator("main").textContent().then((text) => text?.includes("-->")), false);
  },
);

tour(
  "a keyed list without an element of its own turns, grows and empties between its neighbours",
  async (visit) => {
    const { page, open } = visit;
    await open("/list");
    const row = await page.locator(".row").first().elementHandle();
    await page.locator("#turn").click();
    assertEquals(await texts(page, "#list > u, #list > .row"), ["before", "cyd", "bob", "ann", "after"]);
    assertEquals(await row?.evaluate((element) => element === document.querySelectorAll(".row")[2]), true);
    await page.locator("#grow").click();
    assertEquals(await texts(page, "#list > u, #list > .row"), [
      "before",
      "cyd",
      "bob",
      "ann",
      "row3",
      "after",
    ]);
    await page.locator("#empty").click();
    await page.locator("#grow").click();
    assertEquals(await texts(page, "#list > u, #list > .row"), ["before", "row0", "after"]);
  },
);

tour("islands live in table cells and as table rows", async ({ page, open }) => {
  await open("/table");
  await page.locator("button").click();
  await page.locator(".living").click();
  assertEquals(await texts(page, "td"), ["cell 2", "row", "6"]);
  assertEquals(await page.locator("tbody > tr").count(), 2);
});

tour("an island inside a picture is drawn in the picture's own language", async ({ page, open }) => {
  await open("/near");
  await page.locator("svg").click();
  assertEquals(await page.locator(".dot").getAttribute("r"), "3");
  assertEquals(
    await page.locator(".dot").evaluate((dot) => dot.namespaceURI),
    "http://www.w3.org/2000/svg",
  );
});

tour("an island that cannot live and one that fails leave the others alone, and say so", async (visit) => {
  const { page, open } = visit;
  const said: string[] = [];
  page.on("pageerror", (error) => said.push(error.message));
  visit.expect(/The island (Block|Broken) /);
  await open("/bad");
  await page.locator(".counter button").click();
  assertEquals(await texts(page, ".block, .broken, output"), ["block 0", "as the server left it", "2"]);
  assertEquals(said.map((text) => text.slice(0, 18)), ["The island Block s", "The island Broken "]);
});

tour(
  "what somebody typed and ticked before the script came is kept, and so is the place of the cursor",
  async (visit) => {
    const { page } = visit;
    const gate = Promise.withResolvers<void>();
    await page.route(/\/_fresh\/js\//, async (route) => {
      await gate.promise;
      await route.continue();
    });
    await page.goto("/typing", { waitUntil: "commit" });
    for (const id of ["free", "begun", "long", "slotted", "slotted-long"]) {
      await page.fill(
        `#${id}`,
        `typed ${id}`,
      );
    }
    await page.check("#tick");
    await page.uncheck("#slotted-tick");
    await page.selectOption("#pick", "two");
    await page.focus("#begun");
    gate.resolve();
    await untilLive(page);
    for (const id of ["free", "begun", "long", "slotted", "slotted-long"]) {
      assertEquals(await page.inputValue(`#${id}`), `typed ${id}`);
    }
    assertEquals([await page.isChecked("#tick"), await page.isChecked("#slotted-tick")], [true, false]);
    assertEquals(await page.inputValue("#pick"), "two");
    assertEquals(await page.evaluate(() => document.activeElement?.id), "begun");
  },
);

tour(
  "markup that differs in the browser is put right, on the outermost level too",
  async ({ page, open }) => {
    await open("/differ");
    const html = await page.locator("main").innerHTML();
    assertEquals(
      html.replace(/<!--.*?-->/g, ""),
      '<b class="place">browser</b><p class="inner"><b>browser</b> tail</p>',
    );
  },
);

tour("a part that is loaded on demand is neither preloaded nor loaded before", async ({ page, open }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open("/lazy");
  assertEquals(asked.filter((url) => /heavy/.test(url)), []);
  // What it shares with its later part stands in its own script.
  assertEquals(asked.filter((url) => url.includes("/_fresh/js/")).length, 2);
  await page.locator("#lazy").click();
  await page.getByText("loaded on demand, as the island says").waitFor();
  assertEquals(asked.filter((url) => /heavy/.test(url)).length, 1);
});

tour(
  "each script is asked for once and at once, and its cost is what was built",
  async ({ page, context }) => {
    const asked: string[] = [];
    const held = Promise.withResolvers<void>();
    // No script is answered before all three were asked for.
    await page.route(/\/_fresh\/js\//, async (route) => {
      if (asked.push(new URL(route.request().url()).pathname) === 3) held.resolve();
      await held.promise;
      await route.continue();
    });
    await page.goto("/slots");
    await untilLive(page);
    assertEquals(asked.map((path) => path.replace(/-\w+\.js$/, "")).sort(), [
      "/_fresh/js/Counter",
      "/_fresh/js/Panel",
      "/_fresh/js/boot",
    ]);
    const cost = await measureOpening(await context.newPage(), "/slots");
    const built = await Promise.all(asked.map((path) => Deno.stat(`${FIXTURES}${path}.gz`)));
    assertEquals(cost.scriptBytes, built.reduce((sum, { size }) => sum + size, 0));
    assert(cost.liveMs !== null && cost.liveMs > 0);
  },
);

tour(
  "every kind of value arrives as it was sent, and no text breaks out of the page",
  async ({ page, open }) => {
    await open("/props");
    assertEquals(await page.locator('.props[data-at="browser"]').count(), Object.keys(SAMPLES).length);
    assertEquals(await texts(page, ".props"), Object.values(SAMPLES).map(describe));
    assertEquals(await page.evaluate(() => "hacked" in globalThis), false);
    assertEquals(await page.locator("img").count(), 0);
  },
);

tour("with scripts off a page with islands is what the server made", async ({ page, open }) => {
  await open("/slots");
  assertEquals(await texts(page, ".plain .kept, .plain .aside"), ["kept", "beside"]);
}, { scripts: false });
