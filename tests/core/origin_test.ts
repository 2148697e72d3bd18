/** Which names the studio answers to, and whose pages may post: no name that a stranger can have. */
import { isKnownHost, isOwnOrigin } from "@/core/origin.ts";
import { assertEquals } from "@/tests/assert.ts";

const NAMES = ["attic", "0.0.0.0"];

Deno.test("without a public address it answers to this machine's names and to addresses, and to no name of others", () => {
  const known = (host: string) => isKnownHost(host, { publicUrl: "", names: NAMES });
  const good = [
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "127.0.0.1",
    "127.8.8.8",
    "[::1]",
    "192.168.1.20",
    "10.0.0.7",
    "203.0.113.9",
    "[fe80::1]",
    "attic",
    "attic.local",
    "attic.",
  ];
  assertEquals(good.filter((host) => !known(host)), []);
  const bad = [
    "rebind.evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "attic.evil.example",
    "other.local",
    "127.0.0.1.nip.io",
    "1.2.3.4.5",
    "",
  ];
  assertEquals(bad.filter(known), []);
});

Deno.test("with a public address it answers to that name and to who works on the machine itself", () => {
  const known = (host: string) =>
    isKnownHost(host, { publicUrl: "https://studio.example/films", names: NAMES });
  assertEquals(["studio.example", "Studio.Example.", "localhost", "127.0.0.1", "[::1]"].every(known), true);
  assertEquals(["evil.example", "192.168.1.20", "attic", "studio.example.evil.example"].some(known), false);
});

Deno.test("[XC23] a form counts as the studio's own by its public address, or by the machine's own names, never by any name that Host repeats", () => {
  const asks = (url: string, origin: string, publicUrl = "https://studio.example") =>
    isOwnOrigin({ url, headers: new Headers({ origin }) }, publicUrl);
  assertEquals(asks("http://studio:8000/x", "https://studio.example"), true);
  assertEquals(asks("http://127.0.0.1:8000/x", "http://127.0.0.1:8000"), true);
  assertEquals(asks("http://evil.example/x", "http://evil.example"), false);
  assertEquals(asks("http://studio.example:8000/x", "http://evil.example"), false);
  assertEquals(asks("http://192.168.1.20:8000/x", "http://192.168.1.20:8000", ""), true);
});
