/** Telling that a film is ready: a browser is asked on a click and never before, and then tells by itself. */
import type { Page } from "playwright-core";
import { assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/actors/runtime/quiet.ts";
import { z } from "zod";
import { journeys } from "./rig.ts";

const journey = journeys({ stepMs: 150 });

interface Told {
  asked: number;
  titles: string[];
}

/** A browser that notes what it was asked and what it would show; `away` is a tab that nobody sees. */
function standIn(): void {
  const told: Told = { asked: 0, titles: [] };
  class Noted {
    static permission = "default";
    static requestPermission() {
      told.asked++;
      Noted.permission = "granted";
      return Promise.resolve(Noted.permission);
    }
    constructor(title: string) {
      told.titles.push(title);
    }
    close() {}
  }
  Object.assign(globalThis, { Notification: Noted, told, away: false });
  const state = () => Reflect.get(globalThis, "away") ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { get: state });
}

const told = (page: Page) => page.evaluate<Told>("globalThis.told");

/** Wishes for a notification as people do, and leaves the tab. */
async function wishAndLeave(page: Page): Promise<void> {
  assertEquals(await told(page), { asked: 0, titles: [] });
  await page.getByLabel("Tell me when it is done").click();
  const box = page.getByLabel("With a notification");
  assertEquals(await box.isChecked(), false);
  await box.check();
  assertEquals((await told(page)).asked, 1);
  await page.evaluate("globalThis.away = true");
}

for (const [where, path] of [["film", "/jobs/"], ["queue", "/queue#"]]) {
  journey(
    `on the page of the ${where} a browser is asked to notify on a click alone, whatever the account wishes, and then tells that the film is ready`,
    async ({ page, person, open }) => {
      await page.addInitScript(standIn);
      await person.json(z.unknown(), "POST", "/account/defaults", { notify: true });
      const { id } = await person.perform(await person.bringCast(), { title: "Harbour", seconds: 3 });
      await open(`${path}${id}`);
      await wishAndLeave(page);
      await until(async () => (await told(page)).titles.length > 0, 60_000);
      assertEquals((await told(page)).titles.map((title) => title.includes("Harbour")), [true]);
    },
    { signedIn: true },
  );
}
