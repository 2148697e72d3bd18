/** The server side of islands: markers, data, scripts, preloads, and what is refused. */
import { stringify } from "devalue";
import { App, csp, staticFiles } from "fresh";
import { isKept, keptText } from "@/lib/fresh/kept.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

const ROOT = new URL("../../fixtures/islands", import.meta.url).pathname;
const GOLDEN = new URL("../../fixtures/islands/golden.txt", import.meta.url);

function open() {
  const run = new App({ root: ROOT }).use(csp()).use(staticFiles()).fsRoutes().handler();
  return (path: string, init?: RequestInit) => run(new Request(`http://x${path}`, init));
}

const form = (text: string): RequestInit => ({ method: "POST", body: new URLSearchParams(text) });

/** Every kind of route once, and every island page. */
const REQUESTS: [path: string, init?: RequestInit][] = [
  ["/plain"],
  ["/"],
  ["/slots"],
  ["/list"],
  ["/table"],
  ["/bad"],
  ["/signals"],
  ["/near"],
  ["/kinds/7"],
  ["/kinds//7"],
  ["/kinds/a%20b%2Fc"],
  ["/kinds/docs"],
  ["/kinds/docs/a/b"],
  ["/kinds/maybe"],
  ["/kinds/maybe/one"],
  ["/kinds/quiet"],
  ["/kinds/bare"],
  ["/renamed/x"],
  ["/kinds/slow"],
  ["/kinds/answer"],
  ["/kinds/data?q=1"],
  ["/kinds/data", { method: "DELETE" }],
  ["/kinds/data", { method: "PUT" }],
  ["/kinds/data", { method: "OPTIONS" }],
  ["/kinds/form"],
  ["/kinds/form", form("name=")],
  ["/kinds/form", form("name=ann")],
  ["/kinds/form", { method: "HEAD" }],
  ["/kinds/7", { method: "POST" }],
  ["/kinds/fails"],
  ["/kinds/7/"],
  ["/kinds/%E0%A4%A"],
  ["/nowhere"],
];

/** Names of files follow from what is in them, and the build's id from all of them. */
function withoutHashes(text: string): string {
  return text.replace(/-[A-Z0-9]{8}\.js/g, "-HASH.js").replace(/(__frsh_c=|"b":")[0-9a-f]{20}/g, "$1BUILD");
}

Deno.test("each kind of route answers what the golden file says", async () => {
  const get = open();
  let told = "";
  for (const [path, init] of REQUESTS) {
    const answer = await get(path, init);
    const headers = ["content-type", "location", "allow", "x-trail"].flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [`${name}: ${value}`];
    });
    assert(answer.headers.has("content-security-policy"), `${path} has no policy`);
    const body = withoutHashes(await answer.text());
    told += [`# ${init?.method ?? "GET"} ${path} ${answer.status}`, ...headers, body, ""].join("\n");
  }
  if (Deno.args.includes("--write")) await Deno.writeTextFile(GOLDEN, told);
  assertEquals(told, await Deno.readTextFile(GOLDEN));
});

Deno.test("a page with islands names and preloads each script once, and they are served compressed for a year", async () => {
  const get = open();
  const html = await (await get("/")).text();
  const scripts = [...html.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => match[1]);
  const preloads = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)"/g)].map((match) => match[1]);
  assertEquals(scripts.length, 1);
  assertEquals(preloads.length, 2);
  assert(preloads.includes(scripts[0]));
  for (const path of preloads) {
    for (
      const [accepted, encoding] of [["gzip, deflate, br", "br"], ["gzip", "gzip"], ["br;q=0", null]] as const
    ) {
      const headers = { "accept-encoding": accepted };
      const answer = await get(path ?? "", { headers });
      assertEquals([answer.status, answer.headers.get("content-encoding")], [200, encoding]);
      assertEquals(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assertEquals(answer.headers.get("vary"), "accept-encoding");
      const size = (await answer.bytes()).length;
      const head = await get(path ?? "", { method: "HEAD", headers });
      assertEquals([head.headers.get("content-length"), head.body], [String(size), null]);
      const tag = answer.headers.get("etag") ?? "";
      const again = await get(path ?? "", { headers: { ...headers, "if-none-match": tag } });
      assertEquals([again.status, again.body], [304, null]);
    }
  }
});

Deno.test("a style sheet is one file with its imports in place and its pictures locked to the build", async () => {
  const get = open();
  const html = await (await get("/plain")).text();
  const [, path = "", id] = html.match(/href="(\/css\/all\.css\?__frsh_c=(\w+))"/) ?? [];
  const sheet = await get(path);
  assertEquals(sheet.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals(await sheet.text(), `b{background:url(/dot.svg?__frsh_c=${id})}body{margin:0}\n`);
  const unlocked = await get("/css/all.css?__frsh_c=other");
  assertEquals(unlocked.headers.get("cache-control"), "no-cache");
  await unlocked.body?.cancel();
});

Deno.test("the data of a page cannot end its block early", async () => {
  const html = await (await open()("/props")).text();
  const [, block = ""] = html.match(/<script type="application\/json" id="__FRSH">(.*?)<\/script>/s) ?? [];
  assert(block.length > 500);
  assert(!/[<\u2028\u2029]/.test(block));
  const { i: islands, c: kept } = JSON.parse(block);
  assertEquals([islands.length, kept.length], [1, 1], "one island, one frozen thing");
  // Two scripts: the data and the one that reads it. What people wrote made none.
  assertEquals(html.match(/<script/g)?.length, 2);
  assertEquals(html.match(/<img/g), null);
});

Deno.test("what is frozen to its depths stands once in a page, and anything that may change is written anew", () => {
  const inner = { on: true };
  const [deep, shallow] = [Object.freeze({ inner: Object.freeze({ ...inner }) }), Object.freeze({ inner })];
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  Object.freeze(circle);
  const odd = [
    Object.freeze({ at: new Date(0) }),
    Object.freeze({ run: () => {} }),
    Object.freeze(new Map()),
  ];
  assertEquals([deep, shallow, circle, ...odd, { ...deep }, "text", null].map(isKept), [
    true,
    ...Array(8).fill(false),
  ]);
  assertEquals(keptText(deep), JSON.stringify(stringify(deep)));
});

Deno.test("what is not data is refused with the names of island and prop, and no detail reaches the page", async () => {
  const thrown: string[] = [];
  const app = new App({ root: ROOT }).use(async (ctx) => {
    try {
      return await ctx.next();
    } catch (cause) {
      thrown.push(cause instanceof Error ? cause.message : String(cause));
      throw cause;
    }
  }).fsRoutes();
  const run = app.handler();
  for (const what of ["function", "markup", "symbol", "instance", "proto"]) {
    const answer = await run(new Request(`http://x/refused/${what}`));
    assertEquals([answer.status, await answer.text()], [500, "Internal Server Error"]);
  }
  const where = [/"value\.on\[0\]"/, /"value\.deep"/, /"value"/, /"value"/, /"value/];
  assertEquals(thrown.length, where.length);
  for (const [at, text] of thrown.entries()) {
    assertMatch(text, /^The island Props got something that is not data in its prop /);
    assertMatch(text, where[at] ?? /^$/);
  }
});
