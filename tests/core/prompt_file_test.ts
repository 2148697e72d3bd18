/** Prompt files: the worked examples of the source, every way to write them, and every fault with block and line. */
import { assert, assertEquals } from "@/tests/assert.ts";
import {
  parsePromptFile,
  pathName,
  pathNames,
  PROMPT_FILE_BYTES_MAX,
  type PromptFile,
  writePromptFile,
} from "@/core/prompt_file.ts";

const HARBOUR = `harbour_walk.mp4

250

A slow walk along a foggy harbour at dawn, handheld camera, gulls overhead

blurry, watermark, distorted hands
`;
const LIMIT = { framesMax: 36_000 };

function read(text: string | Uint8Array): PromptFile {
  const parsed = parsePromptFile(text, LIMIT);
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function faultsOf(text: string | Uint8Array): [number, number][] {
  const parsed = parsePromptFile(text, LIMIT);
  assert(!parsed.ok, "was read");
  return parsed.problem.map(({ block, line }) => [block, line]);
}

Deno.test("[PR1] the four blocks are read with any line ends, a byte order mark and any number of blank lines", () => {
  const wanted: PromptFile = {
    name: "harbour_walk",
    frames: 250,
    positive: "A slow walk along a foggy harbour at dawn, handheld camera, gulls overhead",
    directions: [],
    negative: "blurry, watermark, distorted hands",
  };
  const ways = [
    HARBOUR,
    HARBOUR.replaceAll("\n", "\r\n"),
    `\ufeff${HARBOUR}`,
    `\ufeff${HARBOUR.replaceAll("\n", "\r\n")}`,
    HARBOUR.replaceAll("\n\n", "\n\n\n  \n\n"),
    HARBOUR.replaceAll("\n", "  \t\n"),
    `\n\n${HARBOUR}\n\n\n`,
    HARBOUR.replaceAll("\n", "\r"),
  ];
  for (const way of ways) {
    assertEquals(read(way), wanted);
    assertEquals(read(new TextEncoder().encode(way)), wanted);
  }
});

Deno.test("[PR2] .mp4 in any case is no part of the name, and the name is safe in a path", () => {
  assertEquals(read(HARBOUR.replace(".mp4", ".MP4")).name, "harbour_walk");
  assertEquals(read(HARBOUR.replace("harbour_walk.mp4", "../../etc/passwd.mp4")).name, "../../etc/passwd");
  const cases: [string, string][] = [
    ["../../etc/passwd", "etc_passwd"],
    ["a/b\\c", "a_b_c"],
    ["..", "take"],
    ["///", "take"],
    ["con", "con_take"],
    ["2025-05-02_19-39-31_UTC", "2025-05-02_19-39-31_UTC"],
    ["港の朝", "港の朝"],
    ["a..b", "a.b"],
    ["x".repeat(300), "x".repeat(100)],
  ];
  for (const [name, wanted] of cases) assertEquals(pathName(name), wanted);
});

Deno.test("[PR46] a name used twice gets directories of its own", () => {
  assertEquals(pathNames(["walk", "Walk", "walk", "walk_2"]), ["walk", "Walk_2", "walk_3", "walk_2_2"]);
});

Deno.test("[PR3] frames are a whole number from 1 to the most that is configured, else a fault of block 2", () => {
  for (const frames of ["12.5", "-1", "0", "abc", "1e3", "36001", "99999999999", "10 20", "٣"]) {
    assertEquals(faultsOf(HARBOUR.replace("250", frames)), [[2, 3]], frames);
  }
  for (const frames of [1, 9, 10, 11, 100, 101, 36_000]) {
    assertEquals(read(HARBOUR.replace("250", String(frames))).frames, frames);
  }
});

Deno.test("[PR4] the positive text must be there; the negative may be empty or absent", () => {
  assertEquals(faultsOf("a.mp4\n\n250\n"), [[3, 4]]);
  assertEquals(faultsOf("a.mp4\n\n250\n\n[chunk 1] only a direction\n"), [[3, 5]]);
  assertEquals(read("a.mp4\n\n250\n\na harbour\n").negative, "");
  assertEquals(read("a.mp4\n\n250\n\na harbour\n\n  \n\n").negative, "");
});

Deno.test("[PR5] a fifth block is refused with its first words", () => {
  const parsed = parsePromptFile(`${HARBOUR}\nand one more thing that nobody expected here`, LIMIT);
  assert(!parsed.ok);
  const [fault] = parsed.problem;
  assertEquals([fault?.block, fault?.line], [5, 9]);
  assert(fault?.text.includes("and one more thing that nobody"), fault?.text);
});

Deno.test("[PR6] text survives to the byte: Chinese, emoji, and a backslash with an n", () => {
  const negative = "色调艳丽，过曝，静态，细节模糊不清，字幕 🎬 𠮷";
  const positive = String.raw`first line\nstill the first line, 100 % "quoted" {braces} \u0041`;
  const file = read(`a.mp4\r\n\r\n500\r\n\r\n${positive}\r\n\r\n${negative}`);
  assertEquals([file.positive, file.negative], [positive, negative]);
});

Deno.test("every fault is told at once, with block and line", () => {
  assertEquals(faultsOf("a.mp4\nsecond\n\nmany\n\n[chunk x] y\n[0:20-0:12] back\n[chunk 2]\n"), [
    [1, 2],
    [2, 4],
    [3, 6],
    [3, 7],
    [3, 8],
    [3, 6],
  ]);
  assertEquals(faultsOf(""), [[0, 1]]);
  assertEquals(faultsOf("a.mp4"), [[2, 2], [3, 2]]);
  assertEquals(faultsOf(new Uint8Array([0xff, 0xfe, 0x41, 0x00])), [[0, 1]]);
  assertEquals(faultsOf("a.mp4\n\n1\n\n\u0000"), [[0, 1]]);
  assertEquals(faultsOf(new Uint8Array(50_000_000)), [[0, 1]]);
  assertEquals(faultsOf("x".repeat(PROMPT_FILE_BYTES_MAX + 1)), [[0, 1]]);
  assertEquals(faultsOf(`a.mp4\n\n1\n\n${"x".repeat(8001)}`), [[3, 5]]);
});

Deno.test("directions tell what happens in single pieces or at a time, and whether the look goes on", () => {
  const file = read(
    "a.mp4\n\n500\n\nA harbour\nat dawn\n[chunk 3] she turns\nto the sea\n" +
      "[0:12-0:20] rain begins\n[1:02:03.5 – 1:02:04 same look] the rain ends\n[an aside] is no direction\n",
  );
  assertEquals(file.positive, "A harbour\nat dawn");
  assertEquals(file.directions.map(({ at, text, sameLook, line }) => ({ at, text, sameLook, line })), [
    { at: { chunk: 3 }, text: "she turns\nto the sea", sameLook: false, line: 7 },
    { at: { fromS: 12, toS: 20 }, text: "rain begins", sameLook: false, line: 9 },
    {
      at: { fromS: 3723.5, toS: 3724 },
      text: "the rain ends\n[an aside] is no direction",
      sameLook: true,
      line: 10,
    },
  ]);
});

Deno.test("a take written as a prompt file and read again is the same take", () => {
  const files = [
    read(HARBOUR),
    read("a.mp4\n\n500\n\nA harbour\n[chunk 3] she turns\nto the sea\n[0:12-0:20 same look] rain"),
    read("港.mp4\n\n1\n\n色调\\n\n\n静态"),
  ];
  for (const file of files) assertEquals(read(writePromptFile(file)), file);
});
