/** The composer under a person's hands: what journeys touch of it. */
import type { Page } from "playwright-core";
import { assertEquals } from "@/tests/assert.ts";
import type { SeenJob } from "@/tests/rig/person.ts";
import type { Visit } from "./rig.ts";

const SAMPLES = new URL("../../static/samples/", import.meta.url).pathname;
export const sample = (name: string) => SAMPLES + name;

export const prompt = (page: Page) => page.locator("textarea[name=prompt]");
export const chips = (page: Page) => page.locator("ul.chips > li.chip");
export const generate = (page: Page) => page.locator(".btn.go");

/** Chooses a file for a place, as a person who clicks on it. */
export async function pick(page: Page, place: string, file: string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.locator(".chip.ghost", { hasText: place }).click();
  await (await chooser).setFiles(sample(file));
}

/** Another mode than Animate and Audio. */
export async function chooseMode(page: Page, name: string): Promise<void> {
  await page.locator(".modes summary").click();
  await page.locator(".families .action", { hasText: name }).first().click();
}

export async function openSettings(page: Page): Promise<void> {
  await page.locator(".tune > summary").click();
  await page.locator(".kept").waitFor();
}

/** Waits until this many files are uploaded and looked into. */
export async function untilHere(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => {
    const lines = [...document.querySelectorAll("li.chip small")].map(({ textContent }) => textContent ?? "");
    return lines.length === count &&
      lines.every((line) => line !== "" && !/^(Uploading|Looking into|Connection lost|Could not)/.test(line));
  }, count);
}

/** Presses the button and returns the job that was made. */
export async function make(
  { page, person }: Visit,
  press = () => generate(page).click(),
): Promise<SeenJob> {
  await page.waitForFunction(() =>
    document.querySelector(".btn.go")?.getAttribute("aria-disabled") === "false"
  );
  const answer = page.waitForResponse((response) =>
    response.url().endsWith("/api/jobs") && response.request().method() === "POST"
  );
  await press();
  assertEquals((await answer).status(), 202);
  const [job] = (await person.page()).items;
  if (!job) throw new Error("There is no job");
  return job;
}
