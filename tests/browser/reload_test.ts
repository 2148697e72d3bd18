/** In development a page loads itself anew when another process answers than the one that made it. */
import { assertEquals } from "@/tests/assert.ts";
import { openFixtures } from "./fixture_app.ts";
import { tours } from "./rig.ts";

const tour = tours(() => openFixtures("development"));

tour("an open page reloads by itself after the studio began anew, and not before", async ({ page, open }) => {
  let answering = "first";
  let loads = 0;
  page.on("load", () => loads++);
  await page.route("**/_fresh/alive", (route) => route.fulfill({ body: answering }));
  const asked = async (times: number) => {
    for (let time = 0; time < times; time++) await page.waitForResponse("**/_fresh/alive");
  };
  await open("/plain");
  await asked(3);
  assertEquals(loads, 1);
  const reloaded = page.waitForEvent("load");
  answering = "second";
  await reloaded;
  await asked(3);
  assertEquals(loads, 2);
});
