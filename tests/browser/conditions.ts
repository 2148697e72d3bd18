/** Under which conditions people look: slow lines, slow machines, no line at all; and whether everybody can. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { assertEquals } from "@/tests/assert.ts";

/** A phone on a bad day: 150 ms to the server, 1.6 Mbit/s, a processor a quarter as fast. */
export async function slowDown(page: Page, { rttMs = 150, mbit = 1.6, cpu = 4 } = {}): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const bytes = mbit * 1_000_000 / 8;
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: rttMs,
    downloadThroughput: bytes,
    uploadThroughput: bytes / 2,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
}

/** Cuts the line of every tab; `true` joins it again. A slow line cannot be cut: do not mix it with `slowDown`. */
export async function setOnline(page: Page, isOnline: boolean): Promise<void> {
  await page.context().setOffline(!isOnline);
}

/** What axe-core finds wrong on the page as it is, one line per element. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`)
  );
}

/** Nobody is kept out: axe-core finds nothing, and nothing is wider than the window. */
export async function assertOpenToAll(page: Page): Promise<void> {
  assertEquals(await findBarriers(page), []);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assertEquals(Math.max(0, tooWide), 0, "The page is wider than the window");
}
