/** Journeys through the real studio in a real browser: one browser and one studio per test file, a fresh visitor per journey. */
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { assertEquals } from "@/tests/assert.ts";
import { Person } from "@/tests/rig/person.ts";
import { openScene, type Scene, type SceneOptions } from "./scene.ts";
import { watchFaults } from "./faults.ts";

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface JourneyOptions {
  /** Signs somebody up before the journey begins. The first account of a file is the operator. */
  signedIn?: boolean;
  viewport?: typeof WIDE;
  /** False switches JavaScript off. */
  scripts?: boolean;
  /** Further settings of the browser, for instance `reducedMotion`. */
  context?: BrowserContextOptions;
}

/** What people visit: anything with an address. */
export interface Served extends AsyncDisposable {
  url: string;
}

/** One browser window on the way through what is served. */
export interface Tour<S extends Served> {
  page: Page;
  context: BrowserContext;
  scene: S;
  /** Opens a path and waits until its islands are live. */
  open(path: string): Promise<void>;
  /** Another tab of the same person, watched as well. */
  newTab(): Promise<Page>;
  /** What matches may go wrong in this journey: texts of the console, of page errors, or `404 GET http://…`. */
  expect(pattern: RegExp): void;
}

/** One person's window on the way through the studio. */
export interface Visit extends Tour<Scene> {
  /** Whoever is signed in here, for doing things through the API. */
  person: Person;
  /** Signs up a new person in this window. */
  signUp(): Promise<Person>;
}

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** Where Chromium is; null where there is none. */
export function findChromium(): string | null {
  const wanted = Deno.env.get("CHROMIUM_PATH");
  return [...(wanted ? [wanted] : PATHS)].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}

export async function launchBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: FLAGS });
}

export type Register<T> = (name: string, run: (tour: T) => Promise<void>, options?: JourneyOptions) => void;

/** Call it once at the top of a test file; what it returns registers tests. */
export function journeys(options: SceneOptions = {}): Register<Visit> {
  const tour = tours(() => openScene(options));
  return (name, run, journey = {}) =>
    tour(name, async (visited) => {
      const { context, scene } = visited;
      const visit: Visit = {
        ...visited,
        person: new Person(scene.url),
        async signUp() {
          visit.person = await scene.newPerson();
          await wearSession(context, scene.url, visit.person);
          return visit.person;
        },
      };
      if (journey.signedIn) await visit.signUp();
      await run(visit);
    }, journey);
}

/** The same for whatever is served. */
export function tours<S extends Served>(openScene: () => Promise<S>): Register<Tour<S>> {
  const path = findChromium();
  if (path === null) {
    const file = (new Error().stack ?? "").match(/(\w+_test\.tsx?)/)?.[1] ?? "a browser test";
    say(`skipped: ${file} needs Chromium in /usr/bin/chromium or at CHROMIUM_PATH`);
    return (name) => Deno.test({ name, ignore: true, fn: () => {} });
  }
  let browser: Browser | null = null;
  let scene: S | null = null;
  Deno.test.beforeAll(async () => {
    [browser, scene] = await Promise.all([launchBrowser(path), openScene()]);
  });
  Deno.test.afterAll(async () => {
    await browser?.close();
    await scene?.[Symbol.asyncDispose]();
  });
  return (name, run, journey = {}) =>
    Deno.test({
      name,
      // The browser and what it visits outlive a journey.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        if (browser === null || scene === null) throw new Error("The browser or the studio did not start");
        if (!browser.isConnected()) browser = await launchBrowser(path);
        try {
          await travel({ name, browser, scene, run, journey });
        } catch (thrown) {
          // A browser that broke down says nothing of the studio: once more, in a new one.
          if (browser.isConnected()) throw thrown;
          say(`${name}: the browser ended by itself, it begins anew`);
          browser = await launchBrowser(path);
          await travel({ name, browser, scene, run, journey });
        }
      },
    });
}

interface Travel<S extends Served> {
  name: string;
  browser: Browser;
  scene: S;
  run: (tour: Tour<S>) => Promise<void>;
  journey: JourneyOptions;
}

async function travel<S extends Served>({ name, browser, scene, run, journey }: Travel<S>): Promise<void> {
  const { viewport = WIDE, scripts = true } = journey;
  const context = await browser.newContext({
    baseURL: scene.url,
    viewport,
    javaScriptEnabled: scripts,
    locale: "en-GB",
    ...journey.context,
  });
  context.setDefaultTimeout(15_000);
  const faults = watchFaults(context, scripts);
  try {
    const page = await context.newPage();
    const open = async (path: string) => {
      await page.goto(path);
      if (scripts) await untilLive(page);
    };
    await run({ page, context, scene, open, newTab: () => context.newPage(), expect: faults.expect });
    await faults.settle();
    assertEquals(faults.found(), [], "The browser saw faults");
  } catch (thrown) {
    const picture = `shots/failed/${name.replace(/[^\w]+/g, "_").slice(0, 80)}.png`;
    await context.pages()[0]?.screenshot({ path: picture, timeout: 5000 }).catch(() => {});
    say(`${name}: the page as it was is in ${picture}; faults: ${JSON.stringify(faults.found())}`);
    throw thrown;
  } finally {
    await context.close();
  }
}

/** The browser carries the session of a person who signed in elsewhere. */
export async function wearSession(context: BrowserContext, url: string, person: Person): Promise<void> {
  const [name = "", value = ""] = person.cookie.split("=");
  await context.addCookies([{ name, value, url, httpOnly: true, sameSite: "Lax" }]);
}

/** Waits until the islands of a page are live, if it has any. */
export async function untilLive(page: Page): Promise<void> {
  if (await page.locator("#__FRSH").count() === 0) return;
  await page.waitForFunction(() => performance.getEntriesByName("fresh:live").length > 0);
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
