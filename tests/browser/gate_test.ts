/** Waiting for a person, in a real browser: the first pass is shown, and one button lets the film go on; also without scripts. */
import type { Page } from "playwright-core";
import { assertEquals } from "@/tests/assert.ts";
import type { Person } from "@/tests/rig/person.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys();

/** A film of two passes that waits after its first one. */
async function atTheGate(person: Person): Promise<string> {
  const settings = { width: 320, height: 320, seconds: 0.5, preset: "fast", stopAfterFirstPass: true };
  const { id } = await person.create({
    mode: "wan",
    submode: "t2v",
    prompt: "A tram climbs a street",
    settings,
  });
  await person.waitFor(id, ({ steps }) => steps.some(({ state }) => state === "waiting_for_person"));
  return id;
}

const says = (page: Page, text: string) => page.getByText(text).first().waitFor();

journey(
  "a first pass is watched, approved with one button, and the film is finished on the same page",
  async ({ page, open, person }) => {
    const id = await atTheGate(person);
    await open("/queue");
    await says(page, "Waits for you: open it to go on or to take it again.");
    await open(`/jobs/${id}`);
    await says(page, "The first pass is there and waits for you.");
    await page.locator(".stage video").first().waitFor();
    await assertOpenToAll(page);
    await page.getByRole("button", { name: "Go on with it" }).click();
    await page.locator(".big b", { hasText: /^Ready$/ }).waitFor({ timeout: 60_000 });
    assertEquals((await person.job(id)).status, "completed");
  },
  { signedIn: true },
);

journey("without scripts the first pass is taken again, then approved", async ({ page, person }) => {
  const id = await atTheGate(person);
  await page.goto(`/jobs/${id}`);
  await page.getByRole("link", { name: "Take it again" }).click();
  await page.locator("#retake button[value=retake]").click();
  const isBack = ({ steps }: { steps: { state: string; take: number }[] }) =>
    steps.some(({ state, take }) => state === "waiting_for_person" && take === 1);
  await person.waitFor(id, isBack);
  await page.goto(`/jobs/${id}`);
  await page.getByRole("button", { name: "Go on with it" }).click();
  assertEquals((await person.waitForEnd(id)).status, "completed");
}, { signedIn: true, scripts: false, viewport: PHONE });
