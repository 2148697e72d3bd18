/** Maintenance in pages that stay open: the banner and what films wait for come and go by themselves. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { journeys } from "./rig.ts";

const journey = journeys();

journey(
  "a page that stays open says that the studio is in maintenance, and that its film waits for it, without being loaded again",
  async ({ page, person, open }) => {
    await open("/dashboard");
    await page.evaluate(() => document.body.dataset.same = "yes");
    await person.json(z.unknown(), "POST", "/admin/maintenance", { note: "New cards." });
    const settings = { width: 512, height: 512 };
    const job = await person.create({ mode: "anime", submode: "still", prompt: "A harbour", settings });
    await page.locator("body > .service", { hasText: /looked after\..*New cards\./ }).waitFor();
    await page.locator("a.live", { hasText: "The studio is in maintenance" }).waitFor();
    await person.json(z.unknown(), "POST", "/admin/maintenance", { note: "Back at six." });
    await page.locator("body > .service", { hasText: "Back at six." }).waitFor();
    await person.send("DELETE", "/admin/maintenance");
    await page.locator("body > .service").waitFor({ state: "detached" });
    assertEquals(await page.evaluate(() => document.body.dataset.same), "yes");
    assertEquals((await person.waitForEnd(job.id, 60_000)).status, "completed");
  },
  // The first person of a studio is its operator.
  { signedIn: true },
);
