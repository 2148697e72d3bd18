/** Joins of long takes: material with a known drift is brought back, and what was meant stays. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { deltaE2000, type Lab, labOf, type Rgb } from "@/core/colour.ts";
import { type ColourMap, cubeText, SAME } from "@/core/colour_match.ts";
import { judgeJoins, type PieceMeasure, THUMB } from "@/core/take_joins.ts";
import { driftOf, FAULTS, sceneAt } from "@/tests/fixtures/drifting.ts";

const PIECES = 12;
const FRAMES = 24;

Deno.test("colour distances are those of the published pairs", () => {
  const pairs: [Lab, Lab, number][] = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ];
  for (const [one, other, wanted] of pairs) {
    assert(Math.abs(deltaE2000(one, other) - wanted) < 1e-4, `${deltaE2000(one, other)} ${wanted}`);
    assert(Math.abs(deltaE2000(other, one) - wanted) < 1e-4);
  }
  assertEquals(labOf([1, 1, 1]).map((value) => Math.abs(Math.round(value))), [100, 0, 0]);
});

/** A frame as its small copy, in bytes. */
function thumbOf(piece: number, frame: number, look: (rgb: Rgb, at: number) => Rgb): string {
  const at = piece * FRAMES + frame;
  const bytes = new Uint8Array(THUMB.width * THUMB.height * 3);
  for (let y = 0; y < THUMB.height; y++) {
    for (let x = 0; x < THUMB.width; x++) {
      const seen = look(sceneAt((x + 0.5) / THUMB.width, (y + 0.5) / THUMB.height, at), at);
      bytes.set(
        seen.map((value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
        3 * (y * THUMB.width + x),
      );
    }
  }
  return bytes.toBase64();
}

function measure(piece: number, look: (rgb: Rgb, at: number) => Rgb): PieceMeasure {
  const thumbs = (frames: number[]) => frames.map((frame) => thumbOf(piece, frame, look));
  return {
    v: 1,
    frames: FRAMES,
    codec: "h264",
    pixelFormat: "yuv420p",
    rate: { num: 16, den: 1 },
    sound: false,
    head: thumbs([0, 1, 2, 3]),
    tail: thumbs([-4, -3, -2, -1].map((n) => FRAMES + n)),
    samples: thumbs([2, 12, 21]),
    sharpness: 0.1,
    frozenHead: 0,
    frozenTail: 0,
  };
}

/** Mean distance of the joined last piece from what it would be without the fault. */
function leftOver(
  map: ColourMap,
  { drifted, meant = SAME }: { drifted: ColourMap; meant?: (rgb: Rgb, at: number) => Rgb },
): number {
  let [sum, count] = [0, 0];
  for (const frame of [3, 12, 20]) {
    const at = (PIECES - 1) * FRAMES + frame;
    for (let y = 0; y < 18; y++) {
      for (let x = 0; x < 32; x++) {
        const truth = meant(sceneAt((x + 0.5) / 32, (y + 0.5) / 18, at), at);
        sum += deltaE2000(labOf(map(clip(drifted(truth)))), labOf(clip(truth)));
        count += 1;
      }
    }
  }
  return sum / count;
}

function clip(rgb: Rgb): Rgb {
  return rgb.map((value) => Math.round(255 * Math.min(1, Math.max(0, value))) / 255) as Rgb;
}

function joins(look: (piece: number) => (rgb: Rgb, at: number) => Rgb, anchors?: number[]) {
  const measures = Array.from({ length: PIECES }, (_, piece) => measure(piece, look(piece)));
  return judgeJoins(measures, { anchors: anchors ?? measures.map(() => 1), correct: true });
}

Deno.test("twelve pieces that drift by 2 % each end within 2.0 of the first, and without drift nothing is changed", () => {
  const { maps, figures } = joins((piece) => driftOf("brightness and saturation", 0.02, piece));
  const last = maps.at(-1) ?? SAME;
  const drifted = driftOf("brightness and saturation", 0.02, PIECES - 1);
  const [before, after] = [leftOver(SAME, { drifted }), leftOver(last, { drifted })];
  assert(before > 5 && after <= 2, `${before} → ${after}`);
  const [figure] = figures.slice(-1);
  assert(figure && figure.toAnchorJoined < 2 && figure.toAnchor > 5, JSON.stringify(figure));
  assert(figure.step && figure.stepJoined !== null && figure.stepJoined < figure.step);
  const still = joins(() => SAME);
  for (const map of still.maps) assert(leftOver(map, { drifted: SAME }) <= 0.3);
});

for (const [fault, size] of FAULTS) {
  Deno.test(`drift of another kind, ${fault}, ends within 3.0`, () => {
    const { maps } = joins((piece) => driftOf(fault, size, piece));
    const drifted = driftOf(fault, size, PIECES - 1);
    const [before, after] = [leftOver(SAME, { drifted }), leftOver(maps.at(-1) ?? SAME, { drifted })];
    assert(before > 3.5 && after <= 3, `${before} → ${after}`);
  });
}

Deno.test("light that is meant to change survives within 1.0, alone and under a drift", () => {
  const dusk = (rgb: Rgb, at: number): Rgb => {
    const light = 1 - 0.45 * at / (PIECES * FRAMES);
    return [rgb[0] * light, rgb[1] * light, Math.min(1, rgb[2] * (0.3 * light + 0.7))];
  };
  const alone = joins(() => dusk).maps.at(-1) ?? SAME;
  assert(
    leftOver(alone, { drifted: SAME, meant: dusk }) <= 1,
    `${leftOver(alone, { drifted: SAME, meant: dusk })}`,
  );
  const fade = (piece: number) => driftOf("brightness and saturation", 0.02, piece);
  const both = joins((piece) => (rgb, at) => fade(piece)(dusk(rgb, at))).maps.at(-1) ?? SAME;
  const left = leftOver(both, { drifted: fade(PIECES - 1), meant: dusk });
  assert(left <= 1.5, `${left}`);
});

Deno.test("a piece that is its own anchor stays as it came, and those after it keep to it", () => {
  const rain: ColourMap = ([r, g, b]) => [r * 0.6, g * 0.65, b * 0.8];
  const anchors = Array.from({ length: PIECES }, (_, at) => at < 6 ? 1 : 7);
  const { maps, figures } = joins((piece) => (rgb) => {
    const seen = piece < 6 ? rgb : rain(rgb);
    return driftOf("brightness and saturation", 0.02, piece < 6 ? piece : piece - 6)(seen);
  }, anchors);
  assertEquals(maps[6], SAME);
  assertEquals(figures[6]?.corrected, false);
  const drifted = driftOf("brightness and saturation", 0.02, 5);
  const left = leftOver(maps.at(-1) ?? SAME, { drifted, meant: rain });
  assert(left <= 2, `${left}`);
});

Deno.test("a frame that stands on both sides of a join is told", () => {
  const one = measure(0, SAME);
  const frozen = { ...measure(1, SAME), head: [one.tail.at(-1) ?? "", ...measure(1, SAME).head.slice(1)] };
  const { figures } = judgeJoins([one, frozen], { anchors: [1, 1], correct: true });
  assertEquals(figures.map(({ repeated }) => repeated), [false, true]);
});

Deno.test("a table of a map has every entry, red fastest", () => {
  const lines = cubeText(([r, g, b]) => [r, g, b / 2], 3).trim().split("\n");
  assertEquals([lines.length, lines[0], lines[2], lines.at(-1)], [
    28,
    "LUT_3D_SIZE 3",
    "0.50000 0.00000 0.00000",
    "1.00000 1.00000 0.50000",
  ]);
});
