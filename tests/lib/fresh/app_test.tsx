/** The Fresh-compatible layer: routing, middleware, pages, errors, static files and policies behave as documented. */
import { App, createDefine, csp, csrf, HttpError, page, staticFiles } from "fresh";
import { asset, assetSrcSet, Head } from "fresh/runtime";
import { scanRoutes } from "@/lib/fresh/route_files.ts";
import { compareByRank, patternOf, type RouteFile } from "@/lib/fresh/route_files.ts";
import { setBuildId } from "@/lib/fresh/runtime_state.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";

interface State {
  trail: string[];
}
const define = createDefine<State>();

function file(path: string, module: unknown): RouteFile {
  return { path, load: () => Promise.resolve(module) };
}

function appOf(files: RouteFile[], before: (app: App<State>) => void = () => {}) {
  const app = new App<State>();
  before(app);
  app.fsRoutes();
  App.useRouteFiles(app, files);
  const handle = app.handler();
  return (path: string, init?: RequestInit) => handle(new Request(`http://x${path}`, init));
}

const say = (text: string) => ({ default: () => <p>{text}</p> });

Deno.test("files give patterns: index, parameters, catch-all, optional parts and groups", () => {
  const cases = {
    "index": "/",
    "a/[id]": "/a/:id",
    "docs/[...path]": "/docs/:path*",
    "a/[[opt]]/index": "/a/:opt?",
    "(group)/b": "/b",
    "api/[...path]": "/api/:path*",
  };
  for (const [path, pattern] of Object.entries(cases)) assertEquals(patternOf(path), pattern);
  const ranked = ["/:a", "/a/:path*", "/a/:id", "/a/new", "/"].sort(compareByRank);
  assertEquals(ranked, ["/", "/a/new", "/a/:id", "/a/:path*", "/:a"]);
});

Deno.test("static routes win over dynamic ones and these over catch-alls, in whatever order files are found", async () => {
  const files = [
    file("items/[...rest]", { default: define.page(({ params }) => <p>rest {params.rest}</p>) }),
    file("items/[id]", { default: define.page(({ params }) => <p>id {params.id}</p>) }),
    file("items/new", say("new")),
  ];
  for (const list of [files, files.toReversed()]) {
    const get = appOf(list);
    assertMatch(await (await get("/items/new")).text(), /<p>new<\/p>/);
    assertMatch(await (await get("/items/a%20b")).text(), /id a b/);
    assertMatch(await (await get("/items/a/b")).text(), /rest a\/b/);
    assertMatch(await (await get("/items")).text(), /rest <|rest $/m);
    assertMatch(await (await get("//items//new")).text(), /<p>new<\/p>/);
  }
});

Deno.test("a wrong method is 405 with Allow, OPTIONS is 204 with Allow, and HEAD is GET without a body", async () => {
  const get = appOf([
    file("items/[id]", {
      handlers: { GET: () => page(), DELETE: () => new Response("gone") },
      ...say("item"),
    }),
    file("plain", say("plain")),
  ]);
  const put = await get("/items/1", { method: "PUT" });
  assertEquals([put.status, put.headers.get("allow")], [405, "DELETE, GET, HEAD, OPTIONS"]);
  assertEquals((await get("/plain", { method: "POST", body: "x" })).status, 405);
  const options = await get("/items/1", { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [204, "DELETE, GET, HEAD, OPTIONS"]);
  const head = await get("/items/1", { method: "HEAD" });
  assertEquals([head.status, head.body, head.headers.get("content-type")], [
    200,
    null,
    "text/html; charset=utf-8",
  ]);
});

Deno.test("malformed percent-encoding and a trailing slash are 404, not errors", async () => {
  const get = appOf([
    file("items/[id]", say("item")),
    file("_error", { default: define.page(({ error }) => <b>{String(error)}</b>) }),
  ]);
  for (const path of ["/items/%E0%A4%A", "/items/1/", "/nothing"]) {
    const answer = await get(path);
    assertEquals(answer.status, 404, path);
    assertMatch(await answer.text(), /HttpError: Not Found/);
  }
});

Deno.test("middleware covers what is registered after it, file middleware its folder, groups included", async () => {
  const mark = (name: string) =>
    define.middleware((ctx) => {
      ctx.state.trail = [...(ctx.state.trail ?? []), name];
      return ctx.next();
    });
  const tell = define.handlers((ctx) => Response.json(ctx.state.trail ?? []));
  const get = appOf([
    file("_middleware", { default: mark("root") }),
    file("admin/_middleware", { default: [mark("admin 1"), mark("admin 2")] }),
    file("(quiet)/_middleware", { default: mark("quiet") }),
    file("admin/index", { handler: tell }),
    file("(quiet)/calm", { handler: tell }),
    file("loud", { handler: tell }),
  ], (app) => {
    app.get("/early", (ctx) => Response.json(ctx.state.trail ?? []));
    app.use(mark("app")).use("/admin", mark("app admin"));
    app.get("/late", (ctx) => Response.json(ctx.state.trail ?? []));
  });
  const trail = async (path: string) => await (await get(path)).json();
  assertEquals(await trail("/early"), []);
  assertEquals(await trail("/late"), ["app"]);
  assertEquals(await trail("/loud"), ["app", "root"]);
  assertEquals(await trail("/calm"), ["app", "root", "quiet"]);
  assertEquals(await trail("/admin"), ["app", "app admin", "root", "admin 1", "admin 2"]);
});

Deno.test("layouts nest inside the shell, and a route may leave out either", async () => {
  const wrap = (name: string) => ({
    default: define.layout(({ Component }) => (
      <div class={name}>
        <Component />
      </div>
    )),
  });
  const get = appOf([
    file("_app", {
      default: define.page(({ Component }) => (
        <html>
          <body>
            <Component />
          </body>
        </html>
      )),
    }),
    file("_layout", wrap("outer")),
    file("a/_layout", wrap("inner")),
    file("a/index", say("both")),
    file("a/bare", { ...say("bare"), config: { skipInheritedLayouts: true } }),
    file("a/naked", { ...say("naked"), config: { skipInheritedLayouts: true, skipAppWrapper: true } }),
  ]);
  const text = async (path: string) => await (await get(path)).text();
  assertEquals(
    await text("/a"),
    '<!DOCTYPE html><html><body><div class="outer"><div class="inner"><p>both</p></div></div></body></html>',
  );
  assertEquals(await text("/a/bare"), "<!DOCTYPE html><html><body><p>bare</p></body></html>");
  assertEquals(await text("/a/naked"), "<!DOCTYPE html><p>naked</p>");
});

Deno.test("a handler gives data, status and headers to its page; a page may be async or answer for itself", async () => {
  const handler = define.handlers({
    POST: () => page({ wrong: "name" }, { status: 422, headers: { "x-form": "1" } }),
  });
  const get = appOf([
    file("form", { handler, default: define.page<typeof handler>(({ data }) => <p>{data.wrong}</p>) }),
    file("slow", { default: define.page(async ({ url }) => <p>{await Promise.resolve(url.pathname)}</p>) }),
    file("away", {
      default: define.page(async () =>
        await Promise.resolve(new Response(null, { status: 303, headers: { location: "/" } }))
      ),
    }),
    file("go", { handler: define.handlers((ctx) => ctx.redirect("//evil.example/x?y=//z", 303)) }),
  ]);
  const form = await get("/form", { method: "POST" });
  assertEquals([form.status, form.headers.get("x-form"), await form.text()], [
    422,
    "1",
    "<!DOCTYPE html><p>name</p>",
  ]);
  assertEquals(await (await get("/slow")).text(), "<!DOCTYPE html><p>/slow</p>");
  assertEquals((await get("/away")).status, 303);
  assertEquals((await get("/go")).headers.get("location"), "/evil.example/x?y=//z");
});

Deno.test("what is thrown goes to the nearest error page, and a failing error page to plain text", async () => {
  const fails = { handler: () => Promise.reject(new Error("secret detail")) };
  const get = appOf([
    file("_error", {
      default: define.page(({ error }) => <i>root {error instanceof HttpError ? error.status : 500}</i>),
    }),
    file("a/_error", { default: define.page(() => <i>near</i>) }),
    file("b/_error", {
      default: define.page(() => {
        throw new Error("again");
      }),
    }),
    file("x", fails),
    file("a/x", fails),
    file("b/x", fails),
    file("gone", {
      handler: () => {
        throw new HttpError(410);
      },
    }),
  ]);
  const read = async (path: string) => {
    const answer = await get(path);
    return [answer.status, await answer.text()];
  };
  assertEquals(await read("/x"), [500, "<!DOCTYPE html><i>root 500</i>"]);
  assertEquals(await read("/gone"), [410, "<!DOCTYPE html><i>root 410</i>"]);
  assertEquals(await read("/a/x"), [500, "<!DOCTYPE html><i>near</i>"]);
  assertEquals(await read("/a/unknown"), [404, "<!DOCTYPE html><i>near</i>"]);
  assertEquals(await read("/b/x"), [500, "Internal Server Error"]);
});

Deno.test("the content policy stands on pages, errors and redirects, and upgrades only on https", async () => {
  const handle = (base: string) => {
    const app = new App<State>().use(
      csp({ csp: ["worker-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"] }),
    );
    app.get("/ok", (ctx) => ctx.text("ok")).get("/bad", () => Promise.reject(new Error("x")));
    const run = app.handler();
    return (path: string) => run(new Request(base + path));
  };
  for (const path of ["/ok", "/bad", "/missing", "/%E0%A4%A"]) {
    const policy = (await handle("http://x")(path)).headers.get("content-security-policy") ?? "";
    assertMatch(
      policy,
      /default-src 'self'.*script-src 'self' 'wasm-unsafe-eval'.*frame-ancestors 'none'.*worker-src 'self'/,
    );
    assertEquals(policy.match(/script-src/g)?.length, 1);
    assert(!policy.includes("upgrade-insecure-requests"), path);
  }
  assertMatch(
    (await handle("https://x")("/ok")).headers.get("content-security-policy") ?? "",
    /upgrade-insecure-requests/,
  );
});

Deno.test("csrf refuses what other sites start and lets programs and own pages through", async () => {
  const app = new App<State>().use(csrf({ origin: "https://face.example" }));
  app.post("/", (ctx) => ctx.text("ok")).get("/", (ctx) => ctx.text("ok"));
  const run = app.handler();
  const post = async (headers: Record<string, string>, method = "POST") =>
    (await run(new Request("http://x/", { method, headers }))).status;
  assertEquals(await post({ "sec-fetch-site": "cross-site", origin: "https://evil.example" }), 403);
  assertEquals(await post({ origin: "https://evil.example" }), 403);
  assertEquals(await post({ "sec-fetch-site": "same-site" }), 403);
  assertEquals(await post({ "sec-fetch-site": "same-origin" }), 200);
  assertEquals(await post({ "sec-fetch-site": "cross-site", origin: "https://face.example" }), 200);
  assertEquals(await post({ origin: "http://x" }), 200);
  assertEquals(await post({}), 200);
  assertEquals(await post({ "sec-fetch-site": "cross-site" }, "GET"), 200);
});

Deno.test("Head puts one title and one meta per name into the shell's head", async () => {
  const get = appOf([
    file("_app", {
      default: define.page(({ Component }) => (
        <html>
          <head>
            <title>Shell</title>
            <meta name="description" content="old" />
          </head>
          <body>
            <Component />
          </body>
        </html>
      )),
    }),
    file("index", {
      default: () => (
        <main>
          <Head>
            <title>First</title>
            <meta name="description" content="new" />
            <link rel="preload" href="/a" />
          </Head>
          <Head>
            <title>Last &lt;b&gt;</title>
          </Head>
        </main>
      ),
    }),
  ]);
  const head = (await (await get("/")).text()).match(/<head>(.*)<\/head>/)?.[1] ?? "";
  assertEquals(head.match(/<title>/g)?.length, 1);
  assertMatch(head, /<title>Last &lt;b(>|&gt;)<\/title>/);
  assertEquals(head.match(/name="description"/g)?.length, 1);
  assertMatch(head, /content="new"/);
  assertMatch(head, /rel="preload"/);
});

Deno.test("links know the current page and its ancestors", async () => {
  const get = appOf([file("a/b", {
    default: () => (
      <nav>
        <a href="/a/b?x=1">b</a>
        <a href="/a">a</a>
        <a href="/ab">ab</a>
      </nav>
    ),
  })]);
  const text = await (await get("/a/b")).text();
  assertMatch(text, /href="\/a\/b\?x=1"[^>]*aria-current="page"/);
  assertMatch(text, /href="\/a"[^>]*aria-current="true"/);
  assertMatch(text, /<a href="\/ab">/);
});

Deno.test("assets are locked to a build once there is one", async () => {
  const get = appOf([file("index", { default: () => <img src="/a.png" srcset="/a.png 1x, /b.png 2x" /> })]);
  assertEquals(asset("/a.png"), "/a.png");
  setBuildId("b1");
  try {
    assertEquals(asset("/a.png?x=1#y"), "/a.png?x=1&__frsh_c=b1#y");
    assertEquals(asset("https://other.example/a.png"), "https://other.example/a.png");
    assertEquals(assetSrcSet("/a.png 1x, /b.png 2x"), "/a.png?__frsh_c=b1 1x, /b.png?__frsh_c=b1 2x");
    assertMatch(await (await get("/")).text(), /src="\/a\.png\?__frsh_c=b1"/);
  } finally {
    setBuildId("");
  }
});

Deno.test("an address that is no file of the build can be left as it is", async () => {
  const get = appOf([file("index", { default: () => <img src="/api/p" data-fresh-disable-lock /> })]);
  setBuildId("b1");
  try {
    assertMatch(await (await get("/")).text(), /<img src="\/api\/p"/);
  } finally {
    setBuildId("");
  }
});

Deno.test("static files answer with type, tag and range, and never from outside their folder", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/static/.git`, { recursive: true });
    await Deno.writeTextFile(`${root}/static/a b.css`, "0123456789");
    await Deno.writeTextFile(`${root}/static/.git/config`, "secret");
    await Deno.writeTextFile(`${root}/secret.txt`, "secret");
    const app = new App<State>({ root }).use(staticFiles());
    app.get("/page", (ctx) => ctx.text("page"));
    const run = app.handler();
    const get = (path: string, init?: RequestInit) => run(new Request(`http://x${path}`, init));
    const whole = await get("/a%20b.css");
    assertEquals([whole.status, whole.headers.get("content-type"), await whole.text()], [
      200,
      "text/css; charset=utf-8",
      "0123456789",
    ]);
    const tag = whole.headers.get("etag") ?? "";
    assertEquals((await get("/a%20b.css", { headers: { "if-none-match": tag } })).status, 304);
    const part = await get("/a%20b.css", { headers: { range: "bytes=2-4" } });
    assertEquals([part.status, part.headers.get("content-range"), await part.text()], [
      206,
      "bytes 2-4/10",
      "234",
    ]);
    assertEquals((await get("/a%20b.css", { headers: { range: "bytes=50-" } })).status, 416);
    const head = await get("/a%20b.css", { method: "HEAD" });
    assertEquals([head.status, head.headers.get("content-length"), head.body], [200, "10", null]);
    for (
      const path of [
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.git/config",
        "/a%00.css",
        "/",
        "/..%5csecret.txt",
        "/%E0%A4%A",
        `/${"long".repeat(1000)}.css`,
      ]
    ) {
      const answer = await get(path);
      assertEquals(answer.status, 404, path);
      await answer.body?.cancel();
    }
    assertEquals(await (await get("/page")).text(), "page");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("the routes of a folder are found and loaded only when the first request comes", async () => {
  const paths = (await scanRoutes(".")).map((route) => route.path).sort();
  assert(paths.includes("index") && paths.includes("_app") && paths.includes("api/[...path]"));
  assert(paths.every((path) => !path.includes("(_shared)")));
  const missing = new App<State>({ root: "/nowhere" }).fsRoutes();
  assertEquals(typeof missing.handler(), "function");
});

Deno.test("a stream sends its chunks and tells its source when the reader leaves", async () => {
  let isClosed = false;
  async function* source() {
    try {
      for (let n = 0;; n++) yield `${n};`;
    } finally {
      isClosed = true;
    }
  }
  const app = new App<State>().get("/", (ctx) => ctx.stream(source));
  const answer = await app.handler()(new Request("http://x/"));
  const reader = answer.body?.getReader();
  assertEquals(new TextDecoder().decode((await reader?.read())?.value), "0;");
  await reader?.cancel();
  assert(isClosed);
});
