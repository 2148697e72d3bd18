/** The shelf and the composer beside a server that lacks a model: people read what is missing and what works. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { offering, serveFacts } from "@/tests/rig/telling_server.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";
import { pick, prompt, untilHere } from "./asking.ts";
import { journeys, PHONE, wearSession, WIDE } from "./rig.ts";

const { definitions } = await readShelf();
/** It has everything but the model of Animate, on a small card. */
const server = serveFacts(
  offering(definitions, {
    class: "UNETLoader",
    input: "unet_name",
    files: ["rt_detr_v4-x-hgnet_fp16.safetensors"],
  }),
  12,
);
const journey = journeys({ env: { COMFY_URLS: server.url } });
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

const LACK = /needs a model that is not installed on the render server\. A draft works\./;

journey(
  "the composer says before anything is sent that no server has the model, and that a draft works",
  async (visit) => {
    const { page, open, person } = visit;
    await open("/dashboard");
    await pick(page, "Character", "character.png");
    await pick(page, "Driving clip", "drive.mp4");
    await untilHere(page, 2);
    await prompt(page).fill("Mika dances on the pier");
    const says = page.locator("#composer-says");
    await says.filter({ hasText: LACK }).waitFor();
    assertEquals((await person.page()).items, []);
    await page.locator(".quality label", { hasText: "Draft" }).click();
    await says.filter({ hasText: "chunks" }).waitFor();
  },
  { signedIn: true },
);

journey(
  "on the shelf each mode says who can make it; without scripts",
  async (visit) => {
    const { page, context, scene, open } = visit;
    const somebody = await scene.newPerson();
    await until(async () => {
      const answer = await somebody.send("GET", "/shelf");
      return !(await answer.text()).includes('"standing":"unknown"');
    });
    await wearSession(context, scene.url, somebody);
    for (const size of [WIDE, PHONE]) {
      await page.setViewportSize(size);
      await open("/shelf");
      const card = page.locator("article", { has: page.getByRole("heading", { name: "Animate: move" }) });
      assertMatch(await card.innerText(), /Render server lacks something/);
      const links = page.getByRole("link", { name: "Make one" });
      assert((await links.count()) > 14);
      const finishing = page.locator("article", {
        has: page.getByRole("heading", { name: "More frames per second" }),
      });
      assertEquals(await finishing.getByRole("link", { name: "Make one" }).count(), 0);
      assertMatch(
        await page.locator("article", { hasText: "LTX: text to video" }).innerText(),
        /ready, with the preset Fast/,
      );
    }
    assert(await page.locator("nav.rooms a[aria-current=page]", { hasText: "Shelf" }).count() === 1);
  },
  { scripts: false },
);
