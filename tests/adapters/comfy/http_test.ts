/** Addresses and headers of a ComfyUI, and replies that are none of its own. */
import { addressOf, readEndpoint, socketAddress } from "@/adapters/comfy/http.ts";
import { replyProblem } from "@/adapters/comfy/problems.ts";
import { readFrame } from "@/adapters/comfy/frames.ts";
import { Secret } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import { assertEquals, assertThrows } from "@/tests/assert.ts";

Deno.test("endpoint: https and a path prefix are kept, and the socket follows them [AX38]", () => {
  for (const url of ["https://host/comfy/", "https://host/comfy"]) {
    const { base } = readEndpoint(url, null);
    assertEquals(addressOf(base, "prompt"), "https://host/comfy/prompt");
    assertEquals(socketAddress(base, "a1"), "wss://host/comfy/ws?clientId=a1");
  }
  assertEquals(
    socketAddress(readEndpoint("http://10.0.0.5:8188", null).base, "a1"),
    "ws://10.0.0.5:8188/ws?clientId=a1",
  );
});

Deno.test("endpoint: every query value is encoded", () => {
  const address = addressOf("http://h/", "view", { filename: "a b+c#d&é.png", subfolder: "x/y" });
  assertEquals(address, "http://h/view?filename=a%20b%2Bc%23d%26%C3%A9.png&subfolder=x%2Fy");
});

Deno.test("endpoint: an auth header and credentials in the address become headers", () => {
  assertEquals(readEndpoint("http://h/", new Secret("X-Api-Key: k:1")).headers, { "x-api-key": "k:1" });
  const { base, headers } = readEndpoint("https://me:p%40ss@h/", null);
  assertEquals([base, headers], ["https://h/", { authorization: `Basic ${btoa("me:p@ss")}` }]);
});

Deno.test("endpoint: a bad address or header is a matter of configuration, and the secret is not shown", () => {
  for (
    const [url, header] of [["ftp://h", null], ["h:8188", null], [
      "http://h",
      new Secret("hush hush"),
    ]] as const
  ) {
    assertThrows(() => readEndpoint(url, header), (thrown) => {
      assertEquals(problemOf(thrown).code, "studio.config");
      assertEquals(problemOf(thrown).operator?.includes("hush"), false);
    });
  }
});

Deno.test("replies: Retry-After of a proxy is kept", () => {
  const { problem } = replyProblem({
    status: 503,
    type: "text/html",
    text: "<html>",
    path: "queue",
    retryAfter: "7",
  });
  assertEquals([problem.code, problem.retryAfterMs], ["comfy.proxy", 7000]);
});

Deno.test("frames: previews with metadata carry prompt, node, type and picture", () => {
  const meta = new TextEncoder().encode(
    '{"prompt_id":"p","node_id":"2.0.0.1","display_node_id":"2","image_type":"image/png"}',
  );
  const frame = new Uint8Array(8 + meta.byteLength + 3);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 4);
  view.setUint32(4, meta.byteLength);
  frame.set(meta, 8);
  frame.set([7, 8, 9], 8 + meta.byteLength);
  assertEquals(readFrame(frame), {
    kind: "preview",
    promptId: "p",
    node: "2",
    bytes: new Uint8Array([7, 8, 9]),
    type: "image/png",
  });
});

Deno.test("frames: damaged and foreign frames are nothing [XC4]", () => {
  const odd = [
    "",
    "{",
    "[]",
    '{"type":"executing","data":{"node":null}}',
    '{"type":"my.pack.event","data":1}',
    new Uint8Array(3),
    new Uint8Array([0, 0, 0, 4, 255, 255, 255, 255, 1]),
  ];
  assertEquals(odd.map(readFrame), odd.map(() => null));
});
