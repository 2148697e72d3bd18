/** The front page in a real browser. */
import { assertEquals, assertMatch } from "@/tests/assert.ts";
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
