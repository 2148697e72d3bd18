/** Every mode beside Animate and Audio, as people ask for it: in the composer, by keyboard, on a phone, and without scripts. */
import { z } from "zod";
import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import {
  chips,
  chooseMode,
  generate,
  make,
  openSettings,
  pick,
  prompt,
  sample,
  untilHere,
} from "./asking.ts";
import { assertOpenToAll } from "./conditions.ts";
import { journeys, PHONE, type Visit } from "./rig.ts";

const journey = journeys();

const Asked = z.looseObject({
  mode: z.string(),
  submode: z.string().nullable(),
  assets: z.array(z.looseObject({ role: z.string() })),
  settings: z.looseObject({ options: z.looseObject({}).optional() }),
  film: z.looseObject({ frames: z.number() }).nullable(),
  notes: z.array(z.string()),
});

const asked = ({ person }: Visit, id: string) => person.json(Asked, "GET", `/jobs/${id}`);
const rolesOf = ({ assets }: z.infer<typeof Asked>) => assets.map(({ role }) => role).join(" ");
const says = (page: Page) => page.locator(".says").innerText();

/** Small, short and fast; it stays from mode to mode. */
async function beSmall(page: Page): Promise<void> {
  await openSettings(page);
  for (const [name, value] of [["width", "256"], ["height", "256"], ["seconds", "1"]]) {
    await page.fill(`#composer-${name}`, value ?? "");
  }
  await page.selectOption("#composer-frameRate", "8");
  await page.selectOption("#composer-preset", "fast");
  await page.keyboard.press("Escape");
}

async function ask(visit: Visit, mode: string, words: string): Promise<string> {
  await chooseMode(visit.page, mode);
  await prompt(visit.page).fill(words);
  return (await make(visit)).id;
}

journey(
  "[LX1] [LX4] each of the six LTX modes is asked for in the composer with its files, and becomes a film",
  async (visit) => {
    const { page, open, person } = visit;
    await open("/dashboard");
    await chooseMode(page, "Text to video");
    await beSmall(page);
    const ids = [await ask(visit, "Text to video", "A lighthouse in the storm")];
    await chooseMode(page, "Keyframes");
    assertMatch(await says(page), /Still needed: .*the first picture and the last picture\./);
    await pick(page, "First picture", "character.png");
    await pick(page, "Last picture", "character.png");
    await untilHere(page, 2);
    await prompt(page).fill("She turns round");
    await page.getByText("Renders 9 frames and delivers 8, which is 1.00 s.").waitFor();
    ids.push((await make(visit)).id);
    ids.push(await ask(visit, "Picture to video", "She looks up"));
    assertMatch(await page.locator("ul.chips").innerText(), /One file is put aside\./);
    await chooseMode(page, "Sound to video");
    await pick(page, "Recording", "voice.mp3");
    await untilHere(page, 1);
    ids.push(await ask(visit, "Sound to video", "A tavern in the evening"));
    ids.push(await ask(visit, "Lip sync", "She sings"));
    await chooseMode(page, "Restyle");
    await pick(page, "Clip", "drive.mp4");
    await untilHere(page, 2);
    ids.push(await ask(visit, "Restyle", "Ink on paper"));
    const jobs = await Promise.all(ids.map(async (id) => {
      const { status, problem } = await person.waitForEnd(id, 120_000);
      assertEquals([status, problem], ["completed", null]);
      return await asked(visit, id);
    }));
    assertEquals(jobs.map((job) => [job.submode, rolesOf(job), job.film?.frames]), [
      ["t2v", "", 8],
      ["keyframe", "image lastImage", 8],
      ["i2v", "image", 8],
      ["a2v", "audio", 8],
      ["lipsync", "image audio", 8],
      ["style", "image video", 8],
    ]);
  },
  { signedIn: true },
);

journey(
  "a picture and a loop are asked for by keyboard alone, and their pages speak of a picture and of a loop",
  async (visit) => {
    const { page, open, person } = visit;
    const press = (key: string) => page.keyboard.press(key);
    const byKeys = async (name: string, words: string) => {
      await page.locator(".modes summary").focus();
      await press("Enter");
      await page.locator(".families .action").first().waitFor();
      const focused = () =>
        page.evaluate(() => (document.activeElement as HTMLElement).innerText.split("\n")[0]);
      for (let step = 0; step < 20 && await focused() !== name; step++) await press("Tab");
      await press("Enter");
      assertMatch(await page.locator(".doing b").innerText(), new RegExp(`^${name}$`));
      await prompt(page).focus();
      await page.keyboard.type(words);
      return (await make(visit, () => press("Control+Enter"))).id;
    };
    await open("/dashboard");
    const still = await byKeys("Picture", "A fox in the snow");
    await page.locator("#composer-says", { hasText: "Your picture is in the queue." }).waitFor();
    const loop = await byKeys("Loop", "A lantern in the wind");
    for (const id of [still, loop]) assertEquals((await person.waitForEnd(id, 120_000)).status, "completed");
    await open(`/jobs/${still}`);
    const main = page.locator("main");
    await main.getByText("The picture is ready.").waitFor();
    assertMatch(await page.locator(".crumb").innerText(), /Pictures & loops\s*\/\s*Picture/);
    assert(!/film|template|anime\/|still/i.test(await main.innerText()), await main.innerText());
    await open(`/jobs/${loop}`);
    assertMatch(await page.locator(".crumb").innerText(), /Pictures & loops\s*\/\s*Loop/);
    await page.locator('button[aria-label="Loop"][aria-pressed="true"]').waitFor();
    await main.getByText(/From the end to the beginning [\d.]+ ×/).waitFor();
    await open("/dashboard?mode=anime");
    assertEquals(await page.locator(".card").count(), 2);
    await open("/library?mode=anime/loop");
    assertEquals(await page.locator(".card").count(), 1);
  },
  { signedIn: true },
);

journey(
  "without scripts the mode is a link, its form is whole, and what was refused is kept beside its field",
  async (visit) => {
    const { page, open, person } = visit;
    visit.expect(/^422 POST .*\/jobs\/new$/);
    await open("/jobs/new");
    await page.locator(".modes summary").click();
    await page.locator(".families .action", { hasText: "Keyframes" }).click();
    await page.waitForURL(/mode=ltx%2Fkeyframe/);
    await prompt(page).fill("A lamp is lit");
    await page.setInputFiles("input[name=image]", sample("character.png"));
    await page.locator(".tune > summary").click();
    await page.fill("input[name='settings.width']", "256");
    await page.fill("input[name='settings.height']", "256");
    await page.fill("input[name='settings.seconds']", "1");
    await page.selectOption("select[name='settings.options.camera']", "jib_up");
    await page.fill("input[name='settings.options.cameraStrength']", "7");
    await generate(page).click();
    await page.waitForURL(/\/jobs\/new$/);
    const fault = page.locator(".field", { has: page.locator("[name='settings.options.cameraStrength']") });
    assertMatch(await fault.locator(".wrong").innerText(), /from 0 to 1\.5|at most 1\.5/);
    assertEquals(await fault.locator("input").inputValue(), "7");
    assertEquals(await page.locator("[name='settings.options.camera']").inputValue(), "jib_up");
    await fault.locator("input").fill("1.2");
    await generate(page).click();
    await page.locator(".plain-files .wrong").waitFor();
    assertMatch(
      await page.locator(".plain-files").innerText(),
      /character\.png is here[^]*Add the last picture\./,
    );
    await page.setInputFiles("input[name=lastImage]", sample("character.png"));
    await generate(page).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    const [job] = (await person.page()).items;
    const made = await asked(visit, job?.id ?? "");
    assertEquals([made.submode, rolesOf(made)], ["keyframe", "image lastImage"]);
    assertEquals(made.settings.options, {
      camera: "jib_up",
      cameraStrength: 1.2,
      detailer: false,
      control: "none",
    });
    await person.command(job?.id ?? "", "cancel");
  },
  { signedIn: true, scripts: false },
);

journey(
  "[LX9] camera and strength are set, refused beside their field, kept over a reload, under a name and in history, and used again",
  async (visit) => {
    const { page, open, person } = visit;
    await open("/jobs/new?mode=ltx%2Ft2v");
    assertEquals(new URL(page.url()).search, "");
    await openSettings(page);
    const strength = page.locator("#composer-own-cameraStrength");
    assertEquals(await strength.count(), 0, "no strength of what is off");
    await page.selectOption("#composer-own-camera", "dolly_in");
    await strength.fill("9");
    const field = page.locator(".field", { has: strength });
    await field.locator(".wrong").waitFor();
    assertEquals([await strength.inputValue(), await generate(page).getAttribute("aria-disabled")], [
      "9",
      "true",
    ]);
    await strength.fill("1.2");
    await field.locator(".wrong").waitFor({ state: "detached" });
    await page.locator(".kept .input").fill("Slow dolly");
    await page.locator(".kept .input").press("Enter");
    await page.locator(".kept .btn", { hasText: "Slow dolly" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("label", { hasText: "Animate" }).click();
    await page.locator(".tool[aria-label=Undo]").click();
    assertMatch(await page.locator(".doing b").innerText(), /LTX · Text to video/);
    await open("/dashboard");
    assertMatch(await page.locator(".doing b").innerText(), /LTX · Text to video/);
    await page.locator("label", { hasText: "Animate" }).click();
    await openSettings(page);
    await page.locator(".kept .btn", { hasText: "As usual" }).click();
    await page.locator(".kept .btn", { hasText: "Slow dolly" }).click();
    assertEquals(await strength.inputValue(), "1.2");
    await page.keyboard.press("Escape");
    await prompt(page).fill("A long corridor");
    const { id } = await make(visit);
    await person.command(id, "cancel");
    assertEquals((await asked(visit, id)).settings.options, { camera: "dolly_in", cameraStrength: 1.2 });
    await prompt(page).press("ArrowUp");
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "A long corridor");
    await open(`/jobs/${id}`);
    const beside = await page.locator(".beside").innerText();
    assertMatch(beside, /Camera\s+Dolly in\s+Camera strength\s+1\.2/);
    assertMatch(beside, /Model\s+LTX: text to video, version/);
    await page.getByRole("link", { name: "Use these settings" }).click();
    await page.waitForURL(/\/dashboard/);
    await page.waitForFunction(() => performance.getEntriesByName("fresh:live").length > 0);
    assertMatch(await page.locator(".doing b").innerText(), /LTX · Text to video/);
    await openSettings(page);
    assertEquals(await strength.inputValue(), "1.2");
  },
  { signedIn: true },
);

journey(
  "files that are added in a project's composer are the project's, and the menu of a film stays on the phone",
  async (visit) => {
    const { page, open, person } = visit;
    const Id = z.looseObject({ id: z.string() });
    const project = await person.json(Id, "POST", "/projects", { name: "Harbour" });
    await open(`/dashboard?project=${project.id}`);
    await chooseMode(page, "Picture to video");
    await pick(page, "First picture", "character.png");
    await untilHere(page, 1);
    const files = await person.json(
      z.object({
        items: z.array(z.looseObject({ file: z.looseObject({ projectId: z.string().nullable() }) })),
      }),
      "GET",
      "/library?show=files",
    );
    assertEquals(files.items.map(({ file }) => file.projectId), [project.id]);
    await prompt(page).fill("She waves");
    const { id } = await make(visit);
    await person.command(id, "cancel");
    await person.waitForEnd(id);
    await open(`/jobs/${id}`);
    await page.locator(".under .pop > summary").click();
    const box = await page.locator(".under .pop > div").boundingBox();
    assert(box !== null && box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box));
    await assertOpenToAll(page);
  },
  { signedIn: true, viewport: PHONE },
);

for (const viewport of [undefined, PHONE]) {
  journey(
    `the list of modes and a mode's settings are open to all ${viewport ? "on a phone" : "on a wide screen"}`,
    async ({ page, open }) => {
      await open("/dashboard");
      await page.locator(".modes summary").click();
      await page.locator(".families .action").first().waitFor();
      await assertOpenToAll(page);
      await page.locator(".families .action", { hasText: "Keyframes" }).click();
      await pick(page, "First picture", "character.png");
      await untilHere(page, 1);
      assertEquals(await chips(page).count(), 1);
      await assertOpenToAll(page);
      await openSettings(page);
      await page.selectOption("#composer-own-camera", "static");
      await assertOpenToAll(page);
    },
    { signedIn: true, ...(viewport ? { viewport } : {}) },
  );
}
