/** What attackers send, and what becomes of it. Each test is one line of the list of attacks; its name is the outcome. */
import { type Call, Contract } from "./contract.ts";
import { expectProblem, Person, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";
import { NASTY } from "./made_up.ts";
import { openWorld } from "./recipes.ts";
import { GRAPH } from "./fake_templates.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { z } from "zod";

async function readCalls(): Promise<Call[]> {
  return new Contract(await (await new Person(makeStudio()).get("/openapi.json")).json()).calls;
}

/** Places of a path filled with what exists, so that nothing but the guard can refuse. */
function addressOf({ path }: Call): string {
  const known: Record<string, string> = { act: "drain", id: path.includes("letters") ? "letter" : "b1" };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name] ?? "x");
}

async function codeOf(answer: Response): Promise<[number, string]> {
  return [answer.status, z.object({ code: z.string() }).parse(await answer.json()).code];
}

Deno.test("[AX37] every operators' operation refuses creators, strangers and tokens of too small a scope, and changes nothing", async () => {
  const calls = (await readCalls()).filter(({ path }) => path.startsWith("/admin"));
  assert(calls.length > 20);
  const { studio, operator, creator, reader } = await openWorld();
  const tokens = new Map<string, string>();
  for (const scope of ["read", "create"]) {
    const asked = operator.post("/account/tokens", { name: scope, scope });
    tokens.set(scope, (await operator.json(z.looseObject({ token: z.string() }), 201, asked)).token);
  }
  const before = JSON.stringify([
    studio.kept.audit,
    studio.kept.accounts,
    studio.kept.mail,
    studio.kept.invitations,
  ]);
  const stranger = new Person(studio);
  for (const call of calls) {
    const ask = (person: Person, token?: string) =>
      person.send(call.method, addressOf(call), {
        ...(call.method === "GET" ? {} : { body: {} }),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
    assertEquals([call.name, await codeOf(await ask(stranger))], [call.name, [401, "auth.required"]]);
    assertEquals([call.name, await codeOf(await ask(creator))], [call.name, [403, "auth.operator_only"]]);
    assertEquals([call.name, await codeOf(await ask(stranger, reader))], [call.name, [
      403,
      "auth.operator_only",
    ]]);
    for (const token of tokens.values()) {
      assertEquals([call.name, await codeOf(await ask(stranger, token))], [call.name, [403, "auth.scope"]]);
    }
  }
  const after = JSON.stringify([
    studio.kept.audit,
    studio.kept.accounts,
    studio.kept.mail,
    studio.kept.invitations,
  ]);
  assertEquals(after, before);
});

Deno.test("[XC23] no operation that changes anything obeys another site, whatever way its page asks", async () => {
  const { operator } = await openWorld();
  const ways: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://studio.test.evil.example" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "http://studio.test" },
  ];
  const calls = (await readCalls()).filter(({ method }) => method !== "GET");
  assert(calls.length > 50);
  for (const call of calls) {
    for (const headers of ways) {
      const answer = await operator.send(call.method, addressOf(call), { body: {}, headers });
      assertEquals([call.name, await codeOf(answer)], [call.name, [403, "request.cross_site"]]);
    }
  }
});

Deno.test("[XC23] forged, ended, cut and doubled tokens open nothing, and a session that has ended is not taken up again", async () => {
  const studio = makeStudio();
  const operator = await signUp(studio, "op@example.org");
  const asked = operator.post("/account/tokens", { name: "ci", scope: "admin", days: 1 });
  const { id, token } = await operator.json(z.looseObject({ id: z.string(), token: z.string() }), 201, asked);
  const hash = studio.kept.tokens[0]?.tokenHash ?? "";
  const swapped = token.slice(0, -1) + (token.endsWith("a") ? "b" : "a");
  let places = 0;
  const tries = async (bearer: string) => {
    const person = new Person(studio, `10.2.0.${++places}`);
    return (await person.get("/admin/backends", { authorization: bearer })).status;
  };
  assertEquals(await tries(`Bearer ${token}`), 200);
  for (
    const forged of [swapped, hash, id, `${token},${token}`, token.toUpperCase(), "anx_", token.slice(4)]
  ) {
    assertEquals([forged, await tries(`Bearer ${forged}`)], [forged, 401]);
  }
  studio.clock.advance(86_400_000);
  assertEquals(await tries(`Bearer ${token}`), 401);
  const stolen = new Person(studio);
  stolen.cookie = operator.cookie;
  assertEquals((await stolen.get("/auth/me")).status, 200);
  assertEquals((await operator.post("/auth/logout")).status, 204);
  await expectProblem(stolen.get("/auth/me"), 401, "auth.required");
});

Deno.test("[XC23] ten thousand logins from ten thousand places end in a few hashes, no session and bounded memory", async () => {
  const studio = makeStudio();
  await signUp(studio, "a@example.org");
  let hashes = 0;
  const { verify, refuse } = studio.passwords;
  studio.passwords.verify = (tried, stored) => (hashes++, verify(tried, stored));
  studio.passwords.refuse = (tried) => (hashes++, refuse(tried));
  const seen = new Set<number>();
  for (let n = 0; n < 10_000; n++) {
    const attacker = new Person(studio, `${11 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.9`);
    const answer = await attacker.post("/auth/login", { email: "a@example.org", password: `guess ${n}` });
    seen.add(answer.status);
    await answer.body?.cancel();
  }
  assertEquals([...seen].sort(), [401, 429]);
  assert(hashes <= 200, `${hashes} hashes`);
  assertEquals(studio.kept.sessions.size, 1);
  assert(studio.limiter.size <= 20_000, `${studio.limiter.size} keys are remembered`);
});

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

Deno.test("[XC4] JSON a million brackets deep or four megabytes long is refused, and what is deep inside a graph as well", async () => {
  const { operator } = await openWorld();
  const calls = (await readCalls()).filter(({ requestBody }) => requestBody?.content["application/json"]);
  const headers = { "content-type": "application/json" };
  const ask = (call: Call, raw: string) => operator.send(call.method, addressOf(call), { raw, headers });
  for (const call of calls) {
    for (const raw of [deep(20_000), `{"a":${deep(20_000)}}`]) {
      const answer = await ask(call, raw);
      assert([200, 400, 404, 422].includes(answer.status), `${call.name} ${answer.status}`);
      await answer.body?.cancel();
    }
  }
  const [first] = calls;
  assert(first);
  const answer = await ask(first, deep(1_000_000));
  assert([400, 422].includes(answer.status), `${answer.status}`);
  await answer.body?.cancel();
  const long = JSON.stringify({ a: "x".repeat(4 * 1024 * 1024) });
  await expectProblem(ask(first, long), 413, "request.too_large");
  for (const depth of [500, 100_000]) {
    const inside = JSON.stringify(GRAPH).replace('"a lighthouse"', deep(depth));
    for (const text of [deep(depth), inside]) {
      const body = { text, name: "custom/deep" };
      const answer = await operator.post("/admin/templates/proposals", body);
      const said = await answer.text();
      assert([200, 422].includes(answer.status), `${answer.status} ${said.slice(0, 200)}`);
    }
  }
});

Deno.test("[XC15] no title, name or word becomes a header, a path or a cookie", async () => {
  const { studio, operator, film } = await openWorld();
  for (
    const text of [
      ...NASTY.filter((one) => one.isWellFormed()),
      'a"; filename="evil.exe',
      "a\nb",
      "..",
      "CON",
      "a/b\\c:d*?",
    ]
  ) {
    const change = await operator.post("/projects", { name: text.slice(0, 80) });
    await change.body?.cancel();
    const job = studio.kept.jobs.get(film);
    if (job) studio.kept.jobs.set(film, { ...job, title: text.slice(0, 200) });
    const answers = [
      await operator.get(`/jobs/${film}/outputs/o1/file?download=1`),
      await operator.get(`/library/zip?films=${film}`),
      await operator.get(`/jobs/${film}`),
    ];
    for (const answer of answers) {
      assertEquals([text, answer.status], [text, 200]);
      assertEquals(answer.headers.get("set-cookie"), null);
      const said = answer.headers.get("content-disposition") ?? "";
      assert(!/[\r\n/\\]|\.\.|[^\x20-\x7e]/.test(said), JSON.stringify([text, said]));
      assert(
        said === "" || /^attachment; filename="[^"]+"; filename\*=UTF-8''[\w.%~!$&+^`|-]+$/.test(said),
        said,
      );
      await answer.body?.cancel();
    }
  }
});

Deno.test("[XC15] an address that climbs, in any spelling, finds nothing", async () => {
  const { operator, film } = await openWorld();
  const climbs = [
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "..%5c..%5cboot.ini",
    "a%00.png",
    "%252e%252e",
  ];
  for (const name of climbs) {
    for (
      const path of [
        `/shelf/examples/${name}`,
        `/jobs/${film}/outputs/${name}/file`,
        `/jobs/${film}/steps/${name}/takes/0/files/${name}/0`,
        `/assets/${name}/file`,
        `/shared/${name}/file`,
        `/admin/jobs/${name}`,
      ]
    ) {
      const answer = await operator.get(path);
      assert([404, 422].includes(answer.status), `${path} ${answer.status}`);
      await answer.body?.cancel();
    }
  }
});

Deno.test("[XC23] a creator's address that is not public is refused however it is written, also when it is changed later", async () => {
  const studio = makeStudio();
  const creator = await signUpCreator(studio);
  const good = { url: "https://hooks.example/a", events: ["job.completed"] };
  const { id } = await creator.json(z.looseObject({ id: z.string() }), 201, creator.post("/webhooks", good));
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "localhost",
    "a.localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "[fe80::1]",
    "[fd00::1]",
    "0.0.0.0",
    "[::]",
    "100.64.0.1",
    "printer.local",
    "router.internal",
  ];
  for (const host of hosts) {
    const url = `https://${host}/`;
    for (const path of ["/webhooks", `/webhooks/${id}/edit`]) {
      const body = path === "/webhooks" ? { ...good, url } : { url };
      assertEquals([url, await expectProblem(creator.post(path, body), 422, "request.invalid")], [url, [
        "url",
      ]]);
    }
  }
  for (
    const url of [
      "http://hooks.example/",
      "https://a:b@hooks.example/",
      "file:///etc/passwd",
      "javascript:1",
      "ftp://a.example/",
    ]
  ) {
    assertEquals(await expectProblem(creator.post("/webhooks", { ...good, url }), 422, "request.invalid"), [
      "url",
    ]);
  }
  assertEquals(studio.kept.webhooks.map(({ url }) => url), ["https://hooks.example/a"]);
});
