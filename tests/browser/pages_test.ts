/** Every page of the table: it answers, has one heading, keeps nobody out, costs little and stays still, wide and narrow. */
import type { RouteModule } from "@/lib/fresh/types.ts";
import { patternOf, scanRoutes } from "@/lib/fresh/route_files.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { assertOpenToAll } from "./conditions.ts";
import { type Demo, openDemo } from "./demo.ts";
import { BUDGET, type Cost, gzipBytes, measureOpening, readShift, STILL } from "./face.ts";
import { PAGES, pathOf, type ShownPage, type Viewer } from "./pages.ts";
import { journeys, PHONE, type Visit, wearSession, WIDE } from "./rig.ts";

const journey = journeys({ stepMs: 20 });

let opened: Promise<Demo> | null = null;

for (const page of PAGES) {
  for (const viewer of page.viewers) {
    journey(
      `the page "${page.name}" is whole for a ${viewer}, wide and narrow, cheap and still, and keeps nobody out`,
      (visit) => inspect(visit, page, viewer),
    );
  }
}

async function inspect(visit: Visit, shown: ShownPage, viewer: Viewer): Promise<void> {
  const { page, context, scene } = visit;
  const demo = await (opened ??= openDemo(scene));
  const status = shown.status ?? 200;
  if (status !== 200) visit.expect(new RegExp(`^${status} GET `));
  if (viewer !== "stranger") await wearSession(context, scene.url, demo[viewer]);
  assertWithinBudget(shown, await measureOpening(page, pathOf(shown, demo)));
  for (const size of [WIDE, PHONE]) {
    await page.setViewportSize(size);
    await visit.open(pathOf(shown, demo));
    assertEquals(await page.locator("h1").count(), 1, "one heading of the first rank");
    assertEquals(await page.locator("main").count(), 1);
    assertEquals((await page.title()).trim() === "", false);
    assertEquals(await readShift(page), STILL, "nothing moves while the page opens");
    await assertOpenToAll(page);
  }
}

function assertWithinBudget(
  { name, isLive }: ShownPage,
  { scriptBytes, styleBytes, requests, liveMs }: Cost,
): void {
  const most = name === "dashboard" ? BUDGET.dashboardBytes : BUDGET.scriptBytes;
  const limit = liveMs !== null ? most : isLive ? BUDGET.livePartsBytes : 0;
  assert(scriptBytes <= limit, `${scriptBytes} bytes of scripts`);
  assert(styleBytes <= BUDGET.styleBytes, `${styleBytes} bytes of styles`);
  assert(requests <= BUDGET.requests, `${requests} requests until the page is interactive`);
}

journey("the framework is one file within its budget", async ({ scene }) => {
  const { boot } = JSON.parse(await Deno.readTextFile("_fresh/manifest.json"));
  const bytes = await gzipBytes(`${scene.url}/_fresh/js/${boot}`);
  assert(bytes <= BUDGET.frameworkBytes, `${bytes} bytes`);
});

Deno.test({
  name: "every page in routes/ is in the table of pages",
  // The studio of the journeys is open meanwhile.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const files = (await scanRoutes(Deno.cwd())).filter(({ path }) => !/(^|\/)_/.test(path));
    const patterns = await Promise.all(files.map(async ({ path, load }) => {
      const module = await load() as RouteModule<unknown>;
      return module.default ? module.config?.routeOverride ?? patternOf(path) : null;
    }));
    const known = new Set(PAGES.map(({ route }) => route));
    assertEquals(patterns.filter((pattern) => pattern !== null && !known.has(pattern)), []);
  },
});
