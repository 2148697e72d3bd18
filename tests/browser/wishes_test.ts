/** Several takes of the same words, and what would work in place of what no server can take: by hand, from the composer. */
import type { Page } from "playwright-core";
import { assert, assertEquals } from "@/tests/assert.ts";
import { generate, make, openSettings, prompt } from "./asking.ts";
import { journeys, PHONE, untilLive } from "./rig.ts";

/** One picture: the quickest mode. */
async function chooseStill(page: Page): Promise<void> {
  await page.locator(".modes summary").click();
  await page.locator('a[href="/jobs/new?mode=anime%2Fstill"]').click();
}

const journey = journeys({ stepMs: 120 });

journey(
  "several takes are counted in the settings, told before and after, and their live cards lead to one sheet",
  async (visit) => {
    const { page, open } = visit;
    await open("/dashboard");
    await chooseStill(page);
    await prompt(page).fill("A fox in the snow");
    await openSettings(page);
    await page.getByLabel("Width").fill("512");
    await page.getByLabel("Height").fill("512");
    await page.getByRole("button", { name: "One take more" }).click();
    await page.getByRole("button", { name: "One take more" }).click();
    await page.getByRole("button", { name: "One take less" }).click();
    assertEquals(await page.getByLabel("How many takes").inputValue(), "2");
    await page.keyboard.press("Escape");
    await page.locator(".tune summary", { hasText: "2 takes" }).waitFor();
    await page.getByText(/^2 films, about .* of work in all\./).waitFor();
    const { batchId } = await make(visit);
    assert(batchId);
    await page.locator("#composer-says", { hasText: "2 takes are in the queue." }).waitFor();
    await page.locator(`.live[href="/batches/${batchId}"]`).nth(1).waitFor();
    assertEquals(
      await page.locator(".tune summary", { hasText: "takes" }).count(),
      0,
      "the next is one again",
    );
    await page.locator(".live").first().click();
    await page.waitForURL(`**/batches/${batchId}`);
    await untilLive(page);
    assertEquals(await page.locator(".sheet > li").count(), 2);
  },
  { signedIn: true },
);

journey(
  "[LX19] what would work in place of what no server can take is one press away, on a phone too",
  async (visit) => {
    const { page, open } = visit;
    const says = "No render server has enough memory for this. The preset Fast would work.";
    await page.route("**/api/jobs/preview", async (route) => {
      const answer = await route.fetch();
      const asked = route.request().postDataJSON();
      if (asked.settings.preset === "fast") return await route.fulfill({ response: answer });
      const servers = { says, field: "settings.preset", preset: "fast" };
      const missing = [{ path: servers.field, message: says }];
      await route.fulfill({
        response: answer,
        json: { ...await answer.json(), ok: false, missing, servers },
      });
    });
    await open("/dashboard");
    await chooseStill(page);
    await prompt(page).fill("A fox in the snow");
    await page.locator("#composer-says", { hasText: says }).waitFor();
    assertEquals(await generate(page).getAttribute("aria-disabled"), "true");
    const instead = page.getByRole("button", { name: "Take that instead" });
    await instead.click();
    await page.locator('.btn.go[aria-disabled="false"]').waitFor();
    assertEquals(await instead.count(), 0);
    await page.locator(".tune summary", { hasText: "Fast" }).waitFor();
  },
  { signedIn: true, viewport: PHONE },
);
