/** Pictures and loops in a real browser: a picture stands in the player's place, a loop goes round and round. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { journeys } from "./rig.ts";

const journey = journeys();

const Created = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })).min(1) });

async function make(person: Person, submode: string, sides: { width: number; height: number }) {
  const settings = { ...sides, preset: "fast" };
  const body = { mode: "anime", submode, title: "The fox", prompt: "A fox in the snow", settings };
  const id = (await person.json(Created, "POST", "/jobs", body)).items[0]?.id ?? "";
  assertEquals((await person.waitForEnd(id, 120_000)).status, "completed");
  return id;
}

journey(
  "a still's page shows the picture with its draft mark, and no player",
  async ({ page, person, open }) => {
    const id = await make(person, "still", { width: 512, height: 768 });
    await open(`/jobs/${id}`);
    const picture = page.locator(".stage .still img");
    await picture.waitFor();
    await page.waitForFunction(() => {
      const shown = document.querySelector<HTMLImageElement>(".stage .still img");
      return shown?.complete === true && shown.naturalWidth === 512 && shown.naturalHeight === 768;
    });
    assertEquals(await page.locator(".stage video").count(), 0);
    assertEquals(await page.locator(".stage .tag.draft").count(), 1);
    await page.getByText("512 × 768").first().waitFor();
  },
  { signedIn: true },
);

journey(
  "a loop plays round and round, and its page says how well it closes",
  async ({ page, person, open }) => {
    const id = await make(person, "loop", { width: 256, height: 256 });
    await open(`/jobs/${id}`);
    await page.locator('button[aria-label="Loop"][aria-pressed="true"]').waitFor();
    await page.getByText(/From the end to the beginning [\d.]+ × the usual step/).waitFor();
  },
  { signedIn: true },
);
