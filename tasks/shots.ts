/** `deno task shots`: pictures of every page at 1440 and 390 pixels in `shots/`, with demo data. Names choose pages. */
import type { Browser } from "playwright-core";
import { type Demo, openDemo } from "@/tests/browser/demo.ts";
import { PAGES, pathOf, type ShownPage, type Viewer } from "@/tests/browser/pages.ts";
import { findChromium, launchBrowser, PHONE, untilLive, wearSession, WIDE } from "@/tests/browser/rig.ts";
import { openScene } from "@/tests/browser/scene.ts";

const FOLDER = "shots";
const STEP_MS = 20;

interface Studio {
  browser: Browser;
  url: string;
  demo: Demo;
}

async function shoot(studio: Studio, page: ShownPage, viewer: Viewer): Promise<string[]> {
  const { browser, url, demo } = studio;
  const files: string[] = [];
  for (const viewport of [WIDE, PHONE]) {
    const context = await browser.newContext({
      baseURL: url,
      viewport,
      reducedMotion: "reduce",
      locale: "en-GB",
    });
    if (viewer !== "stranger") await wearSession(context, url, demo[viewer]);
    const tab = await context.newPage();
    await tab.goto(pathOf(page, demo));
    await untilLive(tab);
    await tab.evaluate(async () => await document.fonts.ready);
    // The window grows to the whole page, so that what sticks to its edges stands where people see it.
    const height = await tab.evaluate(() => document.documentElement.scrollHeight);
    await tab.setViewportSize({ width: viewport.width, height: Math.max(height, viewport.height) });
    const path = `${FOLDER}/${page.name}-${viewer}-${viewport.width}.png`;
    await tab.screenshot({ path });
    files.push(path);
    await context.close();
  }
  return files;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  const chromium = findChromium();
  if (chromium === null) {
    say("Chromium is neither in /usr/bin/chromium nor at CHROMIUM_PATH");
    Deno.exit(1);
  }
  const wanted = PAGES.filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));
  await using scene = await openScene({ stepMs: STEP_MS });
  const [browser, demo] = await Promise.all([launchBrowser(chromium), openDemo(scene)]);
  for (const page of wanted) {
    for (const viewer of page.viewers) {
      for (const path of await shoot({ browser, url: scene.url, demo }, page, viewer)) say(path);
    }
  }
  await browser.close();
}
