/** Uploads are known by their first bytes, whatever they are called. */
import { SNIFF_BYTES, sniffType } from "@/adapters/storage/sniff.ts";
import { problemOf } from "@/core/problem.ts";
import { assertEquals } from "@/tests/assert.ts";

async function head(name: string): Promise<Uint8Array> {
  const bytes = await Deno.readFile(new URL(`../../../static/samples/${name}`, import.meta.url));
  return bytes.subarray(0, SNIFF_BYTES);
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  return await sniffType(bytes).then(({ ext }) => ext, (error) => problemOf(error).code);
}

function ascii(
  text: string,
  { before = [], length = 64 }: { before?: number[]; length?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([...before, ...new TextEncoder().encode(text)]);
  return bytes;
}

Deno.test("[XC16] the type of an upload is what its bytes say", async () => {
  assertEquals(await sniffType(await head("character.png")), {
    ext: "png",
    kind: "image",
    mime: "image/png",
  });
  assertEquals(await sniffType(await head("drive.mp4")), { ext: "mp4", kind: "video", mime: "video/mp4" });
  assertEquals(await sniffType(await head("voice.mp3")), { ext: "mp3", kind: "audio", mime: "audio/mpeg" });
  const box = [0, 0, 0, 24];
  const cases: [string, Uint8Array][] = [
    ["jpg", new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 0, 0])],
    ["webp", ascii("RIFF\x20\x00\x00\x00WEBPVP8 ")],
    ["gif", ascii("GIF89a")],
    ["wav", ascii("RIFF\x20\x00\x00\x00WAVEfmt ")],
    ["flac", ascii("fLaC")],
    ["mov", ascii("ftypqt  ", { before: box })],
    ["m4a", ascii("ftypM4A ", { before: box })],
  ];
  for (const [ext, bytes] of cases) assertEquals(await codeOf(bytes), ext);
});

Deno.test("HEIC is refused with its own advice, everything else that is not accepted as a type", async () => {
  const box = [0, 0, 0, 24];
  assertEquals(await codeOf(ascii("ftypheic", { before: box })), "asset.heic");
  assertEquals(await codeOf(ascii("ftypmif1\x00\x00\x00\x00mif1heic", { before: box })), "asset.heic");
  assertEquals(await codeOf(new Uint8Array()), "asset.empty");
  for (const text of ["#EXTM3U\nhttp://x", "<svg xmlns=", "%PDF-1.7", "MZ", "hello", "PK\x03\x04"]) {
    assertEquals(await codeOf(ascii(text)), "asset.type_refused", text);
  }
});
