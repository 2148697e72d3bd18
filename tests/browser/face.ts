/** What a page costs a browser: bytes, requests, and what a person sees of them. */
import type { Page, Request } from "playwright-core";
import { untilLive } from "./rig.ts";

export interface Cost {
  /** Gzip size of the scripts that came before the page was interactive; those loaded on demand later do not count. */
  scriptBytes: number;
  styleBytes: number;
  /** Requests that the page waits for until it is interactive, itself included: not pictures and films, and not what islands ask for. */
  requests: number;
  /** Largest contentful paint, in ms since navigation. */
  lcpMs: number;
  /** When every island was live, in ms since navigation; null on a page without islands. */
  liveMs: number | null;
}

/** What a page may cost: bytes as gzip. A page without islands has no scripts at all. */
export const BUDGET = {
  frameworkBytes: 13 * 1024,
  /** Of the page where people begin, and of every other one. */
  dashboardBytes: 30 * 1024,
  scriptBytes: 35 * 1024,
  /** Of pages without islands that keep themselves up to date. */
  livePartsBytes: 1024,
  styleBytes: 14 * 1024,
  requests: 10,
};

const WAITED_FOR = ["document", "stylesheet", "script", "font"];

/** Opens a path with nothing cached and measures until it is interactive. */
export async function measureOpening(page: Page, path: string): Promise<Cost> {
  const seen: Request[] = [];
  const note = (request: Request) => void seen.push(request);
  page.on("request", note);
  await page.goto(path);
  await untilLive(page);
  page.off("request", note);
  const bytes = async (type: string) => {
    const urls = new Set(
      seen.filter((request) => request.resourceType() === type).map((request) => request.url()),
    );
    const sizes = await Promise.all([...urls].map((url) => gzipBytes(url)));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  return {
    scriptBytes: await bytes("script"),
    styleBytes: await bytes("stylesheet"),
    requests: seen.filter((request) => WAITED_FOR.includes(request.resourceType())).length,
    lcpMs: await readLcp(page),
    liveMs: await page.evaluate(() => performance.getEntriesByName("fresh:live")[0]?.startTime ?? null),
  };
}

/** Size of an answer as gzip, whatever form the browser itself takes. */
export async function gzipBytes(url: string): Promise<number> {
  const answer = await fetch(url, { headers: { "accept-encoding": "gzip" }, method: "HEAD" });
  if (answer.headers.get("content-encoding") !== "gzip") throw new Error(`${url} is not served as gzip`);
  return Number(answer.headers.get("content-length"));
}

async function readLcp(page: Page): Promise<number> {
  return await page.evaluate(() =>
    new Promise<number>((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? NaN)).observe({
        type: "largest-contentful-paint",
        buffered: true,
      });
    })
  );
}

/** What moved on a page without a person's doing. */
export interface Shift {
  /** The cumulative layout shift. */
  sum: number;
  /** What moved, and its upper edge before and after. */
  moved: string[];
}

export const STILL: Shift = { sum: 0, moved: [] };

/** All that has moved on the page so far. */
export async function readShift(page: Page): Promise<Shift> {
  return await page.evaluate(() =>
    new Promise<Shift>((resolve) => {
      const shift: Shift = { sum: 0, moved: [] };
      const add = (entries: PerformanceEntryList) => {
        for (const entry of entries) {
          if (!("value" in entry) || !("hadRecentInput" in entry) || entry.hadRecentInput) continue;
          shift.sum += Number(entry.value);
          const sources = "sources" in entry && Array.isArray(entry.sources) ? entry.sources : [];
          for (const { node, previousRect, currentRect } of sources) {
            const name = node instanceof Element
              ? `${node.tagName}.${node.className}`
              : node?.textContent ?? "";
            shift.moved.push(`${name.slice(0, 60)} ${previousRect.top} → ${currentRect.top}`);
          }
        }
      };
      const observer = new PerformanceObserver((list) => add(list.getEntries()));
      observer.observe({ type: "layout-shift", buffered: true });
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          add(observer.takeRecords());
          observer.disconnect();
          resolve(shift);
        })
      );
    })
  );
}
