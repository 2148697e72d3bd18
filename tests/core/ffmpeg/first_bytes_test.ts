/** Sizes of pictures and boxes of films, from their first bytes. */
import { isVital, judgePictureSize, readBox, readPictureSize } from "@/core/ffmpeg/first_bytes.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

function bytes(...parts: (number[] | string)[]): Uint8Array {
  const flat = parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part);
  return new Uint8Array([...flat, ...new Array(40).fill(0)]);
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d];

Deno.test("the size of a picture is read from its head, in every form that is accepted", () => {
  const cases: [string, Uint8Array, [number, number] | null][] = [
    ["PNG", bytes(PNG, "IHDR", [0, 0, 0x13, 0x88, 0, 0, 0x27, 0x10]), [5000, 10_000]],
    ["JPEG", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0x01, 0x02, 0x03, 0x04]), [
      772,
      258,
    ]],
    ["JPEG, progressive, with filling", bytes([0xff, 0xd8, 0xff, 0xff, 0xc2, 0, 17, 8, 0, 9, 0, 8]), [8, 9]],
    ["JPEG with tables first", bytes([0xff, 0xd8, 0xff, 0xc4, 0, 2, 0xff, 0xc1, 0, 17, 8, 0, 9, 0, 8]), [
      8,
      9,
    ]],
    ["JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff]), null],
    [
      "WebP, extended",
      bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", new Array(8).fill(0), [0xff, 1, 0, 0x0f, 0x27, 0]),
      [
        512,
        10_000,
      ],
    ],
    ["WebP, lossless", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8L", [0, 0, 0, 0, 0x2f, 0xff, 0xff, 0xff, 0x0f]), [
      16_384,
      16_384,
    ]],
    [
      "WebP, lossy",
      bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0]),
      [
        320,
        240,
      ],
    ],
    ["no picture", bytes("RIFF", [0, 0, 0, 0], "WAVEfmt "), null],
    ["nothing", new Uint8Array(3), null],
  ];
  for (const [what, head, expected] of cases) {
    const size = readPictureSize(head);
    assertEquals(size && [size.width, size.height], expected, what);
  }
});

Deno.test("a hundred megapixels are accepted, one row more is not, and the sentence says both numbers", () => {
  const png = (height: number) => bytes(PNG, "IHDR", [0, 0, 0x27, 0x10, 0, 0, height >> 8, height & 0xff]);
  assertEquals(judgePictureSize(png(10_000)), null);
  const refused = judgePictureSize(png(10_001));
  assertEquals([refused?.code, refused?.detail], ["asset.too_large", {
    megapixels: 101,
    megapixelsMax: 100,
  }]);
  assert(refused?.message.includes("101 megapixels; at most 100"));
});

Deno.test("a box of a film ends where its length says, and one without a length goes on to the end", () => {
  const head = (size: number[], type: string, rest: number[] = []) => bytes(size, type, rest);
  const cases: [Uint8Array, ReturnType<typeof readBox>][] = [
    [head([0, 0, 1, 0], "mdat"), { type: "mdat", end: 1256 }],
    [head([0, 0, 0, 1], "mdat", [0, 0, 0, 1, 0, 0, 0, 0]), { type: "mdat", end: 2 ** 32 + 1000 }],
    [head([0, 0, 0, 0], "mdat"), { type: "mdat", end: null }],
    [head([0, 0, 0, 7], "free"), null],
    [head([0, 0, 0, 1], "mdat", [0, 0, 0, 0, 0, 0, 0, 9]), null],
    [new Uint8Array(7), null],
  ];
  for (const [given, expected] of cases) assertEquals(readBox(given, 1000), expected);
  assertEquals(["moov", "mdat", "moof", "free", "uuid"].map((type) => isVital({ type, end: 1 })), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
