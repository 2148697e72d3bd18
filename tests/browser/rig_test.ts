/** The rig itself: it sees every kind of fault, and a journey may expect some. */
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { findBarriers, setOnline, slowDown } from "./conditions.ts";
import { type Faults, watchFaults } from "./faults.ts";
import { type Served, type Tour, tours } from "./rig.ts";

const PAGES: Record<string, string> = {
  "/fine": "<h1>fine</h1>",
  "/console": "<script src=/console.js></script>",
  "/console.js": "console.error('said in the console')",
  "/throws": "<script src=/throws.js></script>",
  "/throws.js": "setTimeout(() => { throw new Error('thrown later') })",
  "/inline": "<p style='color:red'>styled</p><script>globalThis.ran = true</script>",
  "/picture": "<img src=/none.png>",
  "/far": "<script src=/far.js></script>",
  "/far.js": "fetch('http://127.0.0.1:9/').catch(() => {})",
  "/unnamed": "<input><h1>a</h1>",
};

function openPages(): Promise<Served> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    const text = PAGES[pathname];
    if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
    const isPage = !pathname.endsWith(".js");
    const policy = pathname === "/far" ? "default-src * 'self'" : "default-src 'self'";
    return new Response(isPage ? `<!DOCTYPE html><html lang=en><title>t</title><main>${text}</main>` : text, {
      status: text === undefined ? 404 : 200,
      headers: {
        "content-type": isPage ? "text/html" : "text/javascript",
        "content-security-policy": policy,
      },
    });
  });
  return Promise.resolve({
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

const tour = tours(openPages);

/** A window of its own, whose faults do not end the test. */
async function look({ context, scene }: Tour<Served>, path: string, wanted: number): Promise<Faults> {
  const other = await context.browser()?.newContext({ baseURL: scene.url });
  assert(other);
  const faults = watchFaults(other);
  const page = await other.newPage();
  await page.goto(path);
  while (faults.found().length < wanted) await page.evaluate(() => new Promise(requestAnimationFrame));
  await faults.settle();
  await other.close();
  return faults;
}

tour(
  "the rig sees errors of the console, of pages, of the policy, of the network and of answers",
  async (visit) => {
    const seen = async (path: string, wanted: number) =>
      (await look(visit, path, wanted)).found().sort().join("\n");
    assertEquals(await seen("/fine", 0), "");
    assertMatch(await seen("/console", 1), /^console: said in the console/);
    assertMatch(await seen("/throws", 1), /^page error: Error: thrown later/);
    const inline = await seen("/inline", 2);
    assertEquals(
      inline.match(/^console: .*(inline style|inline script).*Content Security Policy/gm)?.length,
      2,
    );
    assertMatch(await seen("/picture", 1), /^404 GET .*\/none\.png$/);
    assertMatch(await seen("/far", 1), /request failed: net::\S+ GET http:\/\/127\.0\.0\.1:9\//);
  },
);

tour("what a journey expects is no fault, and nothing else is", async (visit) => {
  const faults = await look(visit, "/picture", 1);
  faults.expect(/other\.png/);
  assertEquals(faults.found().length, 1);
  faults.expect(/none\.png/);
  assertEquals(faults.found(), []);
});

tour("axe finds a control without a name", async ({ page, open }) => {
  await open("/unnamed");
  assertMatch((await findBarriers(page)).join("\n"), /^label: /m);
});

tour("a line can be slow", async ({ page, open }) => {
  await open("/fine");
  await slowDown(page, { rttMs: 120, cpu: 1 });
  const tookMs = await page.evaluate(async () => {
    const begun = performance.now();
    await fetch("/fine");
    return performance.now() - begun;
  });
  assert(tookMs >= 120, `${tookMs}`);
});

tour("a line can be cut and joined again", async (visit) => {
  const { page, open } = visit;
  await open("/fine");
  visit.expect(/net::ERR_INTERNET_DISCONNECTED/);
  await setOnline(page, false);
  assertEquals(await page.evaluate(() => fetch("/fine").then(() => "answered", () => "failed")), "failed");
  await setOnline(page, true);
  assertEquals(await page.evaluate(() => fetch("/fine").then(({ status }) => status)), 200);
});
