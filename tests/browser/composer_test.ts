/** Asking for films as people do: by hand, by keyboard, on a phone, on bad lines, and without scripts. */
import type { Page } from "playwright-core";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { readSample } from "@/tests/rig/person.ts";
import { chips, generate, make, pick, prompt, sample, untilHere } from "./asking.ts";
import { assertOpenToAll, slowDown } from "./conditions.ts";
import { readShift, STILL } from "./face.ts";
import { journeys, PHONE } from "./rig.ts";

const journey = journeys();

/** More lines than the field has at first. */
const LONG = "The camera goes on along the harbour wall. ".repeat(12).trim();
const PROMPT = "Mika walks along the harbour wall at dusk";

/** Drops files onto the page, as from a folder. */
async function drop(page: Page, files: { name: string; type: string }[]): Promise<void> {
  const contents = await Promise.all(
    files.map(async ({ name, type }) => ({ name, type, base64: (await readSample(name)).toBase64() })),
  );
  await page.evaluate((contents) => {
    const transfer = new DataTransfer();
    for (const { name, type, base64 } of contents) {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    for (const kind of ["dragover", "drop"]) {
      document.body.dispatchEvent(
        new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    }
  }, contents);
}

journey("a picture and a clip that are dropped become Animate, and a film", async (visit) => {
  const { page, open, person } = visit;
  await open("/dashboard");
  await drop(page, [{ name: "phone.mp4", type: "video/mp4" }, { name: "character.png", type: "image/png" }]);
  await untilHere(page, 2);
  assertEquals(
    await chips(page).locator(".face").allInnerTexts().then((all) => all.map((text) => text.split("\n")[0])),
    [
      "character.png",
      "phone.mp4",
    ],
  );
  assert(await page.locator("input[value=animate]").isChecked());
  await page.locator(".how label", { hasText: "Mix" }).click();
  assertMatch(await page.locator(".doing").innerText(), /Animate · Mix/);
  await prompt(page).fill(PROMPT);
  const { id } = await make(visit);
  const job = await person.waitForEnd(id, 240_000);
  assertEquals([job.status, job.mode, job.submode, job.prompt], ["completed", "animate", "mix", PROMPT]);
  assertEquals(await prompt(page).inputValue(), "");
  assertEquals(await chips(page).count(), 2);
}, { signedIn: true });

journey("a picture and a recording that are picked become Audio", async (visit) => {
  const { page, open, person } = visit;
  await open("/dashboard");
  await page.locator("label", { hasText: "Audio" }).click();
  await pick(page, "Character", "character.png");
  await pick(page, "Recording", "voice.mp3");
  await untilHere(page, 2);
  await prompt(page).fill(PROMPT);
  const { id } = await make(visit);
  const job = await person.job(id);
  assertEquals([job.mode, job.submode], ["audio", null]);
  await person.command(id, "cancel");
}, { signedIn: true });

journey("[AX33] a hidden chip is not sent, and comes back with its mode", async (visit) => {
  const { page, open, person } = visit;
  await open("/dashboard");
  for (const name of ["character.png", "drive.mp4", "voice.mp3"]) {
    await page.setInputFiles("form.composer > input[type=file]", sample(name));
  }
  await untilHere(page, 2);
  assertMatch(await page.locator("ul.chips").innerText(), /One file is put aside for Animate/);
  await prompt(page).fill(PROMPT);
  const { id } = await make(visit);
  const roles = async (id: string) => {
    const { assets } = await person.job(id) as { assets?: { role: string }[] };
    return assets?.map(({ role }) => role);
  };
  assertEquals(await roles(id), ["groundTruth", "audio"]);
  await person.command(id, "cancel");
  await page.locator("label", { hasText: "Animate" }).click();
  assertMatch(await chips(page).nth(1).innerText(), /drive\.mp4/);
  await prompt(page).fill(PROMPT);
  const other = await make(visit);
  assertEquals(await roles(other.id), ["groundTruth", "motionVideo"]);
  await person.command(other.id, "cancel");
}, { signedIn: true });

journey(
  "[AX34] a chip shows its picture, changes its role, is replaced and removed",
  async ({ page, open }) => {
    await open("/dashboard");
    await pick(page, "Character", "character.png");
    await untilHere(page, 1);
    const picture = chips(page).first().locator("img");
    assertEquals(
      await picture.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth > 0),
      true,
    );
    await chips(page).first().locator(".face").click();
    await page.locator(".action", { hasText: "Use as reference" }).click();
    assertMatch(await chips(page).first().innerText(), /Not used by this model/);
    await chips(page).first().locator(".face").click();
    const chooser = page.waitForEvent("filechooser");
    await page.locator(".action", { hasText: "Replace" }).click();
    await (await chooser).setFiles(sample("character.png"));
    await untilHere(page, 1);
    await page.locator(".chip .x").click();
    assertEquals(await chips(page).count(), 0);
    await page.keyboard.press("Control+z");
    assertEquals(await chips(page).count(), 1);
  },
  { signedIn: true },
);

journey(
  "an upload that is cut off goes on by itself, from the file that the page still holds",
  async (visit) => {
    const { page, open, context, scene } = visit;
    visit.expect(/request failed: net::ERR_(CONNECTION_|EMPTY_)/);
    visit.expect(/^503 /);
    await open("/dashboard");
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    const line = (uploadThroughput: number) =>
      session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput,
      });
    await line(30_000);
    await pick(page, "Driving clip", "drive.mp4");
    await page.waitForFunction(() =>
      /Uploading [1-9]/.test(document.querySelector("li.chip small")?.textContent ?? "")
    );
    await scene.stop();
    await page.locator("li.chip", { hasText: "Connection lost" }).waitFor();
    assertMatch(await page.locator("p[role=status]").innerText(), /goes on by itself/);
    await line(-1);
    await scene.begin();
    await untilHere(page, 1);
  },
  { signedIn: true },
);

journey("a file that is refused says why, holds the button, and can be taken away", async (visit) => {
  const { page, open } = visit;
  visit.expect(/^415 PUT /);
  await open("/dashboard");
  const path = await Deno.makeTempFile({ suffix: ".png" });
  await Deno.writeTextFile(path, "this is no picture");
  await page.setInputFiles("form.composer > input[type=file]", path);
  await page.locator(".chip.bad").waitFor();
  await Deno.remove(path);
  assertMatch(await page.locator("#composer-says").innerText(), /could not be added\. Accepted are JPEG/);
  assertEquals(await generate(page).getAttribute("aria-disabled"), "true");
  // It says that it is held back, and can be pressed all the same.
  await generate(page).click({ force: true });
  assertMatch(await page.locator("p[role=status]").innerText(), /could not be added/);
  await page.locator(".chip.bad .x").click();
  assertMatch(await page.locator("#composer-says").innerText(), /Still needed: a few words/);
}, { signedIn: true });

journey("everything goes by keyboard, and the sheet says how", async (visit) => {
  const { page, open, person } = visit;
  const press = (key: string) => page.keyboard.press(key);
  await open("/dashboard");
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await press("?");
  await page.locator("dialog[open]", { hasText: "Make the film" }).waitFor();
  await press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await prompt(page).focus();
  await page.keyboard.type(PROMPT);
  for (const [place, file] of [["Character", "character.png"], ["Driving clip", "drive.mp4"]] as const) {
    const chooser = page.waitForEvent("filechooser");
    await page.locator(".chip.ghost", { hasText: place }).focus();
    await press("Enter");
    await (await chooser).setFiles(sample(file));
  }
  await untilHere(page, 2);
  await page.locator("input[value=move]").focus();
  await press("ArrowRight");
  assert(await page.locator("input[value=mix]").isChecked());
  await page.locator(".tune > summary").focus();
  await press("Enter");
  await page.locator(".kept").waitFor();
  await page.locator("#composer-seed").focus();
  await page.keyboard.type("0");
  await press("Escape");
  assertEquals(await page.locator(".tune").getAttribute("open"), null);
  assertEquals(await page.evaluate(() => document.activeElement?.tagName), "SUMMARY");
  await prompt(page).focus();
  const { id } = await make(visit, () => press("Control+Enter"));
  const { settings } = await person.job(id) as { settings?: { seed: string } };
  assertEquals(settings?.seed, "0");
  await person.command(id, "cancel");
  assertEquals(await prompt(page).inputValue(), "");
  await press("ArrowUp");
  await page.waitForFunction((words) => document.querySelector("textarea")?.value === words, PROMPT);
  await press("Control+Home");
  await press("ArrowUp");
  await press("Control+End");
  await press("ArrowDown");
  await page.waitForFunction(() => document.querySelector("textarea")?.value === "");
}, { signedIn: true });

journey(
  "[LX34] the mode stands on top and changes without a request; the drawer closes outside and on Escape",
  async ({ page, open }) => {
    await open("/dashboard");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    for (
      const [label, line] of [["Audio", /^Audio/], ["Animate", /^Animate · Move/], [
        "Mix",
        /^Animate · Mix/,
      ]] as const
    ) {
      await page.locator(".foot label", { hasText: label }).click();
      assertMatch(await page.locator(".doing").innerText(), line);
    }
    assertEquals(asked.filter((url) => !url.endsWith("/preview")), []);
    const drawer = page.locator(".tune");
    for (const close of [() => page.keyboard.press("Escape"), () => page.locator("h1").click()]) {
      await drawer.locator("summary").click();
      await page.locator(".kept").waitFor();
      await close();
      assertEquals(await drawer.getAttribute("open"), null);
    }
  },
  { signedIn: true },
);

journey("what the API refuses stands beside its field, with what was entered", async (visit) => {
  const { page, open } = visit;
  visit.expect(/^422 POST /);
  await open("/dashboard");
  await pick(page, "Character", "character.png");
  await pick(page, "Driving clip", "drive.mp4");
  await untilHere(page, 2);
  await prompt(page).fill(PROMPT);
  await page.locator(".tune > summary").click();
  await page.locator(".kept").waitFor();
  await page.locator("#composer-seed").fill("-5");
  await page.locator(".field", { has: page.locator("#composer-seed") }).locator(".wrong").waitFor();
  assertEquals(await page.locator("#composer-seed").inputValue(), "-5");
  assertEquals(await generate(page).getAttribute("aria-disabled"), "true");
  await page.locator("#composer-seed").fill("5");
  await page.locator(".field .wrong").waitFor({ state: "detached" });
}, { signedIn: true });

journey("settings are kept under a name, taken back, and used again", async ({ page, open }) => {
  await open("/dashboard");
  await page.locator(".tune > summary").click();
  await page.locator(".kept").waitFor();
  await page.locator("#composer-width").fill("832");
  await page.locator(".kept .input").fill("Harbour look");
  await page.locator(".kept .input").press("Enter");
  await page.locator(".kept .btn", { hasText: "Harbour look" }).waitFor();
  await page.locator(".kept .btn", { hasText: "As usual" }).click();
  assertEquals(await page.locator("#composer-width").inputValue(), "");
  await open("/dashboard");
  await page.locator(".tune > summary").click();
  await page.locator(".kept .btn", { hasText: "Harbour look" }).click();
  assertEquals(await page.locator("#composer-width").inputValue(), "832");
  await page.locator(".kept .x").click();
  await page.locator(".kept .btn", { hasText: "Harbour look" }).waitFor({ state: "detached" });
}, { signedIn: true });

journey(
  "a reload brings words, files and settings back without moving anything, and undo goes on from there",
  async ({ page, open }) => {
    await open("/dashboard");
    await pick(page, "Character", "character.png");
    await untilHere(page, 1);
    await prompt(page).fill(LONG);
    await page.locator(".how label", { hasText: "Mix" }).click();
    await open("/dashboard");
    assertEquals(await prompt(page).inputValue(), LONG);
    assert(await page.locator("input[value=mix]").isChecked());
    await untilHere(page, 1);
    assertEquals(await readShift(page), STILL);
    await page.locator(".chip .x").click();
    await page.locator(".tool[aria-label=Undo]").click();
    assertEquals(await chips(page).count(), 1);
    await page.locator(".tool[aria-label=Redo]").click();
    assertEquals(await chips(page).count(), 0);
  },
  { signedIn: true },
);

journey("the files and settings of a film are used again", async (visit) => {
  const { page, open, person } = visit;
  const cast = await person.bringCast();
  const { id } = await person.animate(cast, { submode: "mix", seed: "77", seconds: 2 });
  await person.command(id, "cancel");
  await open("/dashboard");
  await prompt(page).fill("Something else");
  await open(`/dashboard?from=${id}`);
  await untilHere(page, 2);
  assertEquals(await prompt(page).inputValue(), "A dancer in the harbour");
  assert(await page.locator("input[value=mix]").isChecked());
  assertMatch(await page.locator(".tune > summary").innerText(), /320×320 · 2 s · Fast/);
  await page.locator(".tool[aria-label=Undo]").click();
  assertEquals(await prompt(page).inputValue(), "Something else");
}, { signedIn: true });

journey(
  "a clip is trimmed and scaled in the browser, and takes the place of the whole one",
  async (visit) => {
    const { page, open } = visit;
    await open("/dashboard");
    assertEquals(await page.evaluate(() => crossOriginIsolated), false);
    await pick(page, "Driving clip", "drive.mp4");
    await untilHere(page, 1);
    assertMatch(await chips(page).first().innerText(), /0:08/);
    await chips(page).first().locator(".face").click();
    await page.locator(".action", { hasText: "Trim" }).click();
    const ends = page.locator(".handles input");
    await ends.first().waitFor();
    await ends.first().focus();
    await page.keyboard.press("PageUp");
    const from = Number(await ends.first().inputValue());
    assert(from > 0);
    await ends.last().fill(String(from + 1));
    assertMatch(await page.locator("dialog").innerText(), /1\.0 of 8\.4 s/);
    await page.locator("dialog .seg button", { hasText: "480" }).click();
    await page.locator("dialog .btn.go").click();
    await page.locator("dialog").waitFor({ state: "detached", timeout: 120_000 });
    await untilHere(page, 1);
    assertMatch(await chips(page).first().innerText(), /drive cut\.mp4\s+Driving clip · 0:01/);
  },
  { signedIn: true },
);

journey("an empty studio makes the demo films with one click, and they play", async (visit) => {
  const { page, open, person } = visit;
  await open("/dashboard");
  await page.locator("button", { hasText: "Make the demo films" }).click();
  await page.waitForURL(/\/dashboard$/);
  const { items } = await person.page();
  assertEquals(items.length, 3);
  for (const { id } of items) assertEquals((await person.waitForEnd(id, 240_000)).status, "completed");
  await open("/dashboard");
  assertEquals(await page.locator(".card").count(), 3);
  await open(`/jobs/${items[0]?.id}`);
  await page.waitForFunction(() => {
    const video = document.querySelector("video");
    if (video) video.muted = true;
    void video?.play().catch(() => {});
    return (video?.currentTime ?? 0) > 0.2;
  });
}, { signedIn: true });

journey(
  "without scripts the form brings files, makes the film, and keeps what was refused",
  async (visit) => {
    const { page, open, person } = visit;
    visit.expect(/^422 POST .*\/jobs\/new$/);
    await open("/dashboard");
    await prompt(page).fill(PROMPT);
    await page.setInputFiles("input[name=groundTruth]", sample("character.png"));
    await generate(page).click();
    assertMatch(await page.locator(".wrong").first().innerText(), /clip/);
    assertEquals(await prompt(page).inputValue(), PROMPT);
    assertMatch(await page.locator(".plain-files").innerText(), /character\.png is here/);
    await page.setInputFiles("input[name=motionVideo]", sample("drive.mp4"));
    await page.locator(".tune > summary").click();
    await page.fill("input[name='settings.seed']", "0");
    await generate(page).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
    const [job] = (await person.page()).items;
    assertEquals([job?.prompt, (job as { settings?: { seed: string } })?.settings?.seed], [PROMPT, "0"]);
    await person.command(job?.id ?? "", "cancel");
  },
  { signedIn: true, scripts: false },
);

journey(
  "on a slow line what was typed before the script came is kept, and the film is made",
  async (visit) => {
    const { page, person } = visit;
    await slowDown(page, { rttMs: 150, mbit: 3, cpu: 2 });
    await page.goto("/dashboard", { waitUntil: "commit" });
    await prompt(page).waitFor();
    await prompt(page).fill(PROMPT);
    await page.waitForFunction(() => performance.getEntriesByName("fresh:live").length > 0);
    assertEquals(await prompt(page).inputValue(), PROMPT);
    await pick(page, "Character", "character.png");
    await pick(page, "Driving clip", "phone.mp4");
    await untilHere(page, 2);
    const { id } = await make(visit);
    await person.command(id, "cancel");
  },
  { signedIn: true },
);

for (const viewport of [undefined, PHONE]) {
  journey(
    `every menu and sheet is open to all ${viewport ? "on a phone" : "on a wide screen"}`,
    async ({ page, open }) => {
      await open("/dashboard");
      await pick(page, "Character", "character.png");
      await pick(page, "Driving clip", "drive.mp4");
      await untilHere(page, 2);
      for (
        const face of [
          ".foot > .js > summary",
          ".tune > summary",
          ".chip .face",
          ".tools summary",
          ".quality > summary",
        ]
      ) {
        await page.locator(face).first().click();
        await page.locator("details[open] > .tray > *").first().waitFor();
        await assertOpenToAll(page);
        await page.keyboard.press("Escape");
      }
      await page.locator(".tool[aria-label=Keyboard]").click();
      await page.locator("dialog").waitFor();
      await assertOpenToAll(page);
      await page.keyboard.press("Escape");
      await chips(page).nth(1).locator(".face").click();
      await page.locator(".action", { hasText: "Trim" }).click();
      await page.locator(".handles").waitFor();
      await assertOpenToAll(page);
    },
    { signedIn: true, ...(viewport ? { viewport } : {}) },
  );
}
