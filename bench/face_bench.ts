/** The face: what a page costs a browser, whether it stays still while films are made, and how fast the server renders it. */
import type { Browser, Page } from "playwright-core";
import { type Cost, gzipBytes, measureOpening, readShift } from "@/tests/browser/face.ts";
import { PAGES } from "@/tests/browser/pages.ts";
import { findChromium, launchBrowser, untilLive, wearSession, WIDE } from "@/tests/browser/rig.ts";
import type { Person } from "@/tests/rig/person.ts";
import { at, median, print, sortUp } from "./report.ts";
import { openStage, type Stage } from "./server.ts";

const OPENINGS = 5;
const JOBS = 50;
const IDLE_REQUESTS = 200;
const LOAD_REQUESTS = 2000;
const AT_ONCE = 8;
const KB = 1024;

/** `deno task bench face [PAGE]`, PAGE a name of the table of pages. */
export async function benchFace([name = "dashboard"]: string[]): Promise<void> {
  const page = PAGES.find((page) => page.name === name);
  if (!page || typeof page.path !== "string") throw new Error(`There is no page "${name}" to measure`);
  const { path } = page;
  const stage = await openStage({}, 1);
  try {
    const chromium = findChromium();
    if (chromium === null) throw new Error("Chromium is neither in /usr/bin/chromium nor at CHROMIUM_PATH");
    const browser = await launchBrowser(chromium);
    try {
      await benchOpening(browser, stage, path);
      await benchStillness(browser, stage, path);
    } finally {
      await browser.close();
    }
    await makeFilms(stage.person, JOBS);
    await benchServer(stage, path);
  } finally {
    await stage.end();
  }
}

async function inBrowser<T>(
  browser: Browser,
  { studio, person }: Stage,
  run: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ baseURL: studio.url, viewport: WIDE });
  await wearSession(context, studio.url, person);
  try {
    return await run(await context.newPage());
  } finally {
    await context.close();
  }
}

async function benchOpening(browser: Browser, stage: Stage, path: string): Promise<void> {
  const openings: Cost[] = [];
  for (let time = 0; time < OPENINGS; time++) {
    openings.push(await inBrowser(browser, stage, (page) => measureOpening(page, path)));
  }
  const plain = await inBrowser(browser, stage, (page) => measureOpening(page, "/nothing/here"));
  const [first] = openings;
  if (!first) return;
  const manifest = JSON.parse(await Deno.readTextFile("_fresh/manifest.json"));
  const framework = await gzipBytes(`${stage.studio.url}/_fresh/js/${manifest.boot}`);
  print({ bench: "face plain page scripts", value: plain.scriptBytes, unit: "bytes gzip", target: "0" });
  print({ bench: "face framework", value: framework / KB, unit: "KB gzip", target: "at most 13" });
  print({
    bench: "face scripts",
    value: first.scriptBytes / KB,
    unit: "KB gzip",
    target: "at most 30",
    path,
  });
  print({ bench: "face styles", value: first.styleBytes / KB, unit: "KB gzip", target: "at most 14", path });
  print({
    bench: "face requests",
    value: first.requests,
    unit: "before interactive",
    target: "at most 10",
    path,
  });
  const lcps = openings.map(({ lcpMs }) => lcpMs);
  print({ bench: "face lcp", value: median(lcps), unit: "ms, median of 5", target: "at most 400", path });
  const lives = openings.map(({ liveMs }) => liveMs).filter((ms) => ms !== null);
  if (lives.length > 0) print({ bench: "face live", value: median(lives), unit: "ms, median of 5", path });
}

/** A film goes from nothing to done while somebody looks on. */
async function benchStillness(browser: Browser, stage: Stage, path: string): Promise<void> {
  const shift = await inBrowser(browser, stage, async (page) => {
    await page.goto(path);
    await untilLive(page);
    await makeFilms(stage.person, 1);
    return (await readShift(page)).sum;
  });
  print({ bench: "face layout shift", value: shift, unit: "over a film's making", target: "0", path });
}

async function makeFilms(person: Person, count: number): Promise<void> {
  const cast = await person.bringCast();
  const films = [];
  for (let at = 0; at < count; at++) {
    films.push(await person.perform(cast, { title: `Film ${at}`, seconds: 1, side: 128 }));
  }
  for (const { id } of films) await person.waitForEnd(id, 300_000);
}

async function benchServer({ studio, person }: Stage, path: string): Promise<void> {
  const get = async () => {
    const begun = performance.now();
    const answer = await fetch(`${studio.url}${path}`, { headers: { cookie: person.cookie } });
    const size = (await answer.bytes()).length;
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return { ms: performance.now() - begun, size };
  };
  for (let warm = 0; warm < 100; warm++) await get();
  const idle: number[] = [];
  for (let time = 0; time < IDLE_REQUESTS; time++) idle.push((await get()).ms);
  const { size } = await get();
  print({
    bench: "face render idle",
    value: at(sortUp(idle), 0.95),
    unit: "ms, p95",
    target: "at most 20",
    path,
    size,
  });
  const before = await cpuSeconds(studio.pid);
  const begun = performance.now();
  let left = LOAD_REQUESTS;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await get();
  }));
  const wall = (performance.now() - begun) / 1000;
  const cpu = before === null ? null : (await cpuSeconds(studio.pid) ?? before) - before;
  const detail = { path, jobs: JOBS, wall: Number((LOAD_REQUESTS / wall).toFixed(1)) };
  const target = "at least 300";
  print({
    bench: "face render rate",
    value: LOAD_REQUESTS / (cpu ?? wall),
    unit: "pages/s per core",
    target,
    ...detail,
  });
}

/** Processor time that a process has used; null on systems that do not tell. */
async function cpuSeconds(pid: number): Promise<number | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}
