/** Every page of the table: it answers, has one heading, keeps nobody out, and fits wide and narrow windows. */
import type { RouteModule } from "@/lib/fresh/types.ts";
import { patternOf, scanRoutes } from "@/lib/fresh/route_files.ts";
import { assertEquals } from "@/tests/assert.ts";
import { assertOpenToAll } from "./conditions.ts";
import { type Demo, openDemo } from "./demo.ts";
import { PAGES, pathOf } from "./pages.ts";
import { journeys, PHONE, wearSession, WIDE } from "./rig.ts";

const journey = journeys({ stepMs: 20 });

let opened: Promise<Demo> | null = null;

for (const page of PAGES) {
  for (const viewer of page.viewers) {
    journey(
      `the page "${page.name}" is whole for a ${viewer}, wide and narrow, and keeps nobody out`,
      async (visit) => {
        const demo = await (opened ??= openDemo(visit.scene));
        const status = page.status ?? 200;
        if (status !== 200) visit.expect(new RegExp(`^${status} GET `));
        if (viewer !== "stranger") await wearSession(visit.context, visit.scene.url, demo[viewer]);
        for (const size of [WIDE, PHONE]) {
          await visit.page.setViewportSize(size);
          await visit.open(pathOf(page, demo));
          assertEquals(await visit.page.locator("h1").count(), 1, "one heading of the first rank");
          assertEquals(await visit.page.locator("main").count(), 1);
          assertEquals((await visit.page.title()).trim() === "", false);
          await assertOpenToAll(visit.page);
        }
      },
    );
  }
}

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
