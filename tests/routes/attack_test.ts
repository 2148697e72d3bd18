/** What attackers send to pages: the pages themselves are the list, so that a new one is covered by itself. */
import { expectProblem, makeJob, PASSWORD, signUp } from "@/tests/api/client.ts";
import { makeStudio } from "@/tests/api/fake_studio.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { appFor, Visitor } from "./app.ts";

const ROUTES = new URL("../../routes/", import.meta.url);

/** Addresses of all pages, with the places of their paths filled. */
async function pages(under = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(under, ROUTES))) {
    if (isDirectory && name !== "(_shared)" && name !== "api") found.push(...await pages(`${under}${name}/`));
    if (!/^[^_].*\.tsx?$/.test(name)) continue;
    const path = `/${under}${name}`.replace(/\.tsx?$/, "").replace(/\/index$/, "").replaceAll(
      /\/\([^)]*\)/g,
      "",
    );
    found.push(path.replaceAll(/\[[^\]]+\]/g, "019a0000-0000-7000-8000-ffffffffffff") || "/");
  }
  return found.sort();
}

async function setUp() {
  const studio = makeStudio();
  await signUp(studio, "op@example.org");
  const person = await signUp(studio, "mika@example.org");
  const mika = new Visitor(studio);
  await mika.post("/login", { email: "mika@example.org", password: PASSWORD });
  return { studio, mika, person };
}

Deno.test("[AX37] every operators' page and every form on it refuses creators and sends strangers to sign in", async () => {
  const { studio, mika } = await setUp();
  const stranger = new Visitor(studio);
  const all = (await pages()).filter((path) => path.startsWith("/admin"));
  assert(all.length > 5, String(all));
  for (const path of all) {
    assertEquals([path, (await mika.open(path)).status], [path, 403]);
    assertEquals([path, (await mika.post(path, { do: "x" })).status], [path, 403]);
    const away = await stranger.open(path);
    assertEquals([path, away.status, away.to?.startsWith("/login")], [path, 303, true]);
    const { status } = await stranger.post(path, { do: "x" });
    assert([303, 401, 403].includes(status), `${path} ${status}`);
  }
  assertEquals(studio.kept.audit, []);
});

Deno.test("[XC23] no page takes a form that another site sends, nor one of megabytes, nor nonsense in it, and none fails", async () => {
  const { studio, mika, person } = await setUp();
  const film = await makeJob(person);
  const foreign = new Visitor(studio);
  foreign.cookie = mika.cookie;
  foreign.origin = "https://evil.example";
  const get = appFor(studio);
  const huge = "a=".padEnd(3_000_000, "x");
  const own = [`/jobs/${film}`, `/jobs/${film}/share`, `/queue/${film}`, "/projects", "/library"];
  for (const path of [...await pages(), ...own].filter((path) => !/^\/(logout|cutter|metrics)/.test(path))) {
    const away = await foreign.post(path, { do: "delete", name: "x" });
    assertEquals([path, away.status], [path, 403]);
    const type = "application/x-www-form-urlencoded";
    const headers = { cookie: mika.cookie, "content-type": type, origin: "http://studio.test" };
    // Asks for nothing, so it reads nothing.
    if (path === "/demo") continue;
    const large = await get(path, { method: "POST", headers, body: huge });
    assert(large.status >= 400 && large.status < 500, `${path} took megabytes: ${large.status}`);
    await large.body?.cancel();
    const odd = await mika.post(path, {
      do: "../../x",
      "\r\nset-cookie": "a=b",
      __proto__x: "1",
      id: "\u0000",
    });
    assert(odd.status < 500, `${path} fails with ${odd.status}`);
  }
  assertEquals(studio.kept.jobs.size, 1);
});

Deno.test("[XC23] nobody is led to another site, or to a header, by an address", async () => {
  const { studio } = await setUp();
  for (
    const next of [
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "/a\r\nset-cookie: a=b",
      "javascript:1",
    ]
  ) {
    const visitor = new Visitor(studio);
    const seen = await visitor.post(`/login?next=${encodeURIComponent(next)}`, {
      email: "mika@example.org",
      password: PASSWORD,
      next,
    });
    const to = seen.to ?? "/";
    assertEquals([next, new URL(to, "http://studio.test").host], [next, "studio.test"]);
    assert(!/[\r\n]/.test(to));
  }
  await expectProblem(
    appFor(studio)("/api/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    }),
    400,
    "request.malformed",
  );
});
