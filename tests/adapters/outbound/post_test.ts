/** Posting to addresses of others: which are called, what is sent, and how it ends when they answer badly or not at all. */
import { Webhook } from "standardwebhooks";
import { openOutbound, type OutboundOptions } from "@/adapters/outbound/post.ts";
import { signedHeaders } from "@/adapters/outbound/sign.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";

const SECRETS = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4"];
const TLS = "tests/fixtures/tls";

/** A listener that hands each connection's first bytes over and answers with this text; null keeps silent. */
async function withServer(
  answer: string | null,
  use: (port: number, seen: string[]) => Promise<void>,
  tls?: { cert: string; key: string },
): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0 };
  const listener = tls ? Deno.listenTls({ ...options, ...tls }) : Deno.listen(options);
  const seen: string[] = [];
  const open: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const conn of listener) {
      open.push(conn);
      const bytes = new Uint8Array(16_384);
      const read = await conn.read(bytes).catch(() => null);
      if (read === null) continue;
      seen.push(new TextDecoder().decode(bytes.subarray(0, read)));
      if (answer !== null) await conn.write(new TextEncoder().encode(answer)).catch(() => {});
    }
  })();
  try {
    await use(listener.addr.port, seen);
  } finally {
    listener.close();
    await serving;
    for (const conn of open) {
      try {
        conn.close();
      } catch {
        // The other side was quicker.
      }
    }
  }
}

function post(url: string, options: Partial<OutboundOptions> = {}, signal = AbortSignal.timeout(5000)) {
  const headers = signedHeaders({ id: "msg_1", body: "{}", secrets: SECRETS, now: Date.now() });
  return openOutbound({ allow: ["127.0.0.1"], ...options }).post(url, { headers, body: "{}", signal });
}

Deno.test("a message is verified by the library of Standard Webhooks, with either secret, and not by another", async () => {
  await withServer("HTTP/1.1 204 No Content\r\n\r\n", async (port, seen) => {
    const answer = await post(`http://127.0.0.1:${port}/in?x=1`);
    assertEquals(answer, { end: "delivered", status: 204, retryAfterMs: null });
    const [head = "", body = ""] = (seen[0] ?? "").split("\r\n\r\n");
    const [first, ...lines] = head.split("\r\n");
    assertEquals([first, body], ["POST /in?x=1 HTTP/1.1", "{}"]);
    const headers = Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
    assertEquals([headers.host, headers["content-length"]], [`127.0.0.1:${port}`, "2"]);
    for (const secret of SECRETS) assertEquals(new Webhook(secret).verify(body, headers), {});
    const other = new Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    await assertRejects(() => Promise.resolve().then(() => other.verify(body, headers)));
    await assertRejects(() =>
      Promise.resolve().then(() => new Webhook(SECRETS[0] ?? "").verify('{"a":1}', headers))
    );
  });
});

Deno.test("[XC23] a forged message, one under another id, and one that is sent again later do not verify", () => {
  const now = Date.now();
  const sign = (at: number) => signedHeaders({ id: "msg_1", body: "{}", secrets: SECRETS, now: at });
  const receiver = new Webhook(SECRETS[0] ?? "");
  const verifies = (headers: Record<string, string>, body = "{}") => {
    try {
      receiver.verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };
  const good = sign(now);
  const stale = sign(now - 6 * 60_000);
  assertEquals(verifies(good), true);
  assertEquals(verifies(good, '{"a":1}'), false);
  assertEquals(verifies({ ...good, "webhook-id": "msg_2" }), false);
  assertEquals(verifies({ ...good, "webhook-signature": "v1,AAAA" }), false);
  assertEquals(verifies(stale), false);
  assertEquals(verifies({ ...stale, "webhook-timestamp": good["webhook-timestamp"] ?? "" }), false);
});

Deno.test("answers are read by their status alone; redirects are not followed", async () => {
  const cases: [string, ReturnType<typeof post> extends Promise<infer A> ? A : never][] = [
    ["HTTP/1.1 301 Moved\r\nLocation: http://10.0.0.1/\r\n\r\n", {
      end: "answered",
      status: 301,
      retryAfterMs: null,
    }],
    ["HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n\r\n", { end: "answered", status: 429, retryAfterMs: 7000 }],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello", {
      end: "delivered",
      status: 200,
      retryAfterMs: null,
    }],
    ["SSH-2.0-OpenSSH\r\n\r\n", { end: "unreachable", status: null, retryAfterMs: null }],
    [`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(5000)}`, {
      end: "unreachable",
      status: null,
      retryAfterMs: null,
    }],
  ];
  for (const [text, wanted] of cases) {
    await withServer(text, async (port, seen) => {
      assertEquals(await post(`http://127.0.0.1:${port}/`), wanted);
      assertEquals(seen.length, 1);
    });
  }
});

Deno.test("a name that leads to a private address is not called, however it is asked for", async () => {
  await withServer("HTTP/1.1 200 OK\r\n\r\n", async (port, seen) => {
    const none = { end: "not_public", status: null, retryAfterMs: null } as const;
    const to = (...addresses: string[]) => ({ allow: [], resolve: () => Promise.resolve(addresses) });
    const url = `https://hooks.example:${port}/`;
    for (const addresses of [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.5"]]) {
      assertEquals([addresses, await post(url, to(...addresses))], [addresses, none]);
    }
    assertEquals(await post(`http://127.0.0.1:${port}/`, { allow: [] }), none);
    assertEquals(await post(`https://127.0.0.1:${port}/`, { allow: [] }), none);
    const unknown = { end: "unreachable", status: null, retryAfterMs: null } as const;
    assertEquals(
      await post(url, { allow: [], resolve: () => Promise.reject(new Error("no such name")) }),
      unknown,
    );
    assertEquals(seen, []);
  });
});

Deno.test("the address that was checked is the one that is called, in the name of the receiver's certificate", async () => {
  const [cert, key] = [await Deno.readTextFile(`${TLS}/cert.pem`), await Deno.readTextFile(`${TLS}/key.pem`)];
  await withServer("HTTP/1.1 200 OK\r\n\r\n", async (port) => {
    let asked = 0;
    const resolve = () => Promise.resolve(asked++ === 0 ? ["127.0.0.1"] : ["10.0.0.1"]);
    const options = { allow: ["hooks.example", "other.example"], resolve, caCerts: [cert] };
    assertEquals((await post(`https://hooks.example:${port}/`, options)).end, "delivered");
    assertEquals(asked, 1);
    const home = { ...options, resolve: () => Promise.resolve(["127.0.0.1"]) };
    assertEquals((await post(`https://other.example:${port}/`, home)).end, "unreachable");
    assertEquals((await post(`https://hooks.example:${port}/`, { ...home, caCerts: [] })).end, "unreachable");
  }, { cert, key });
});

Deno.test("a receiver that hangs is cut off by the signal", async () => {
  await withServer(null, async (port, seen) => {
    const limit = new AbortController();
    const posting = post(`http://127.0.0.1:${port}/`, {}, limit.signal);
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    limit.abort(new Error("too slow"));
    await assertRejects(() => posting);
  });
});

Deno.test("nobody at the other end is unreachable, not an error of ours", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals((await post(`http://127.0.0.1:${port}/`)).end, "unreachable");
  assert(openOutbound({ allow: [] }).judge("https://hooks.example/") === null);
});

Deno.test("an address is refused by its text: no port of mail or a shell, but those of the web, free ones, and what operators allow", () => {
  const { judge } = openOutbound({ allow: ["mail.lan:25"] });
  const said = (port: string) => judge(`https://hooks.example${port}/in`);
  for (const port of ["", ":443", ":80", ":1024", ":8443", ":65535"]) assertEquals(said(port), null, port);
  for (const port of [":22", ":25", ":465", ":1023"]) assertEquals(said(port), "port", port);
  assertEquals(judge("http://mail.lan:25/"), null);
  assertEquals(judge("https://10.0.0.1:22/"), "not_public");
});

Deno.test("a question is asked under the same rules, and its answer is read to its end or to a bound", async () => {
  const long = `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(20_000)}`;
  await withServer(long, async (port, seen) => {
    const ask = (allow: string[]) =>
      openOutbound({ allow }).ask(`http://127.0.0.1:${port}/v1?x=1`, {
        method: "GET",
        headers: { "x-api-key": "k" },
        signal: AbortSignal.timeout(5000),
      });
    assertEquals(await ask([]), { end: "not_public", status: null, text: "" });
    assertEquals(seen, []);
    const { end, status, text } = await ask(["127.0.0.1"]);
    assertEquals([end, status, text], ["delivered", 200, "x".repeat(8192)]);
    assert(seen[0]?.startsWith("GET /v1?x=1 HTTP/1.1\r\n") && !seen[0].includes("content-length"));
  });
});
