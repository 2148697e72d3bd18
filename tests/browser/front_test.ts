/** The front page in a real browser. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys();

for (const [width, options] of Object.entries({ wide: {}, narrow: { viewport: PHONE } })) {
  journey(`a stranger reads what the studio is on a ${width} screen`, async ({ page, open }) => {
    await open("/");
    assertMatch(await page.title(), /Animatrix/);
    assertEquals(await page.locator("h1").count(), 1);
    await assertOpenToAll(page);
  }, options);
}

/** Red, green and blue of what the browser computed. */
const rgb = (colour: string) => colour.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];

journey(
  "[AX44] [LX28] the composer comes first on a dark dashboard of slate and amber, in our own type",
  async (visit) => {
    const { page, open } = visit;
    const fonts: string[] = [];
    page.on("response", (answer) => answer.url().includes(".woff2") && fonts.push(answer.url()));
    await open("/dashboard");
    const seen = await page.evaluate(async () => {
      await document.fonts.ready;
      const of = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      const main = document.querySelector("main");
      const colours = [...document.querySelectorAll("body, body *")].flatMap((element) => {
        const { color, backgroundColor } = getComputedStyle(element);
        return [color, backgroundColor].filter((colour) => colour.startsWith("rgb("));
      });
      return {
        theme: [of("--slate"), of("--amber")],
        ground: getComputedStyle(document.body).backgroundColor,
        family: getComputedStyle(document.body).fontFamily,
        isLoaded: document.fonts.check('16px "IBM Plex Sans"'),
        afterHeading: main?.querySelector("h1")?.nextElementSibling?.querySelector("textarea") !== null,
        colours: [...new Set(colours)],
      };
    });
    assertEquals(seen.theme, ["#1a1f26", "#e0a458"]);
    assert(rgb(seen.ground).every((part) => part < 48), seen.ground);
    assertMatch(seen.family, /^"IBM Plex Sans"/);
    assert(seen.isLoaded && fonts.length > 0, "the type is loaded");
    assert(fonts.every((url) => url.startsWith(visit.scene.url)), "from the studio itself");
    assert(seen.afterHeading, "the composer follows the heading");
    const purple = seen.colours.filter((colour) => {
      const [red = 0, green = 0, blue = 0] = rgb(colour);
      return blue > green + 40 && red > green + 20;
    });
    assertEquals(purple, []);
    // The person sees no graph: no canvas to draw one on, and no word of it.
    assertEquals(await page.locator("canvas").count(), 0);
    assert(!/\b(node|workflow|ksampler|checkpoint)\b/i.test(await page.locator("body").innerText()));
  },
  { signedIn: true },
);

journey("the front page reads the same with JavaScript off", async ({ page, open }) => {
  await open("/");
  assertEquals(await page.locator("h1").count(), 1);
}, { scripts: false });

journey("somebody who signed up is known to the studio", async (visit) => {
  await visit.open("/");
  const answer = await visit.page.evaluate(async () => await (await fetch("/api/auth/me")).text());
  assertMatch(answer, /person-\d+@studio\.example/);
}, { signedIn: true });

journey(
  "a page that is not there helps, and is an error for nobody but the line that says so",
  async (visit) => {
    visit.expect(/^404 GET .*\/nothing\/here$/);
    await visit.open("/nothing/here");
    assertEquals(await visit.page.locator("h1").count(), 1);
    await assertOpenToAll(visit.page);
  },
);
