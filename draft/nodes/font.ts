/** A small bitmap font of our own, five by seven, for words that are drawn straight into frames. */
import { fillRect, type Size } from "./pixels.ts";

/** Seven rows per letter, five bits each, one digit of base 32 per row. */
const GLYPHS: Record<string, string> = {
  A: "ehhvhhh",
  B: "uhhuhhu",
  C: "ehggghe",
  D: "uhhhhhu",
  E: "vgguggv",
  F: "vggsggg",
  G: "ehgnhhf",
  H: "hhhvhhh",
  I: "e44444e",
  J: "72222ic",
  K: "hikokih",
  L: "ggggggv",
  M: "hrllhhh",
  N: "hhpljhh",
  O: "ehhhhhe",
  P: "uhhuggg",
  Q: "ehhhlid",
  R: "uhhukih",
  S: "fgge11u",
  T: "v444444",
  U: "hhhhhhe",
  V: "hhhhha4",
  W: "hhhllra",
  X: "hha4ahh",
  Y: "hha4444",
  Z: "v1248gv",
  "0": "ehjlphe",
  "1": "4c4444e",
  "2": "eh1248v",
  "3": "v2421he",
  "4": "26aiv22",
  "5": "vgu11he",
  "6": "68guhhe",
  "7": "v124888",
  "8": "ehhehhe",
  "9": "ehhf12c",
  ".": "00000cc",
  ",": "0000c48",
  ":": "0cc0cc0",
  "-": "000v000",
  "+": "044v440",
  "/": "01248g0",
  "'": "c480000",
  "!": "4444404",
  "?": "eh12404",
  "%": "op248j3",
  "(": "2488842",
  ")": "8422248",
  "=": "00v0v00",
};

export const GLYPH = { width: 6, height: 8 };

/** Draws a line of text in capitals; letters that the font lacks become blanks. */
export function drawText(
  target: Uint8Array,
  size: Size,
  options: { text: string; x: number; y: number; scale: number; colour: number },
): void {
  const { x, y, scale, colour } = options;
  const letters = [...options.text.toUpperCase()];
  for (const [place, letter] of letters.entries()) {
    const rows = GLYPHS[letter];
    if (rows === undefined) continue;
    for (let row = 0; row < 7; row++) {
      const bits = Number.parseInt(rows.charAt(row), 32);
      for (let bit = 0; bit < 5; bit++) {
        if ((bits >> (4 - bit) & 1) === 0) continue;
        const to = {
          x: x + (place * GLYPH.width + bit) * scale,
          y: y + row * scale,
          width: scale,
          height: scale,
        };
        fillRect(target, size, { to, colour });
      }
    }
  }
}

/** Breaks text into lines of at most `columns` letters and at most `lines` lines. */
export function wrapText(text: string, options: { columns: number; lines: number }): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const next = line === "" ? word : `${line} ${word}`;
    if (next.length <= options.columns) {
      line = next;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word.slice(0, options.columns);
  }
  if (line !== "") lines.push(line);
  return lines.slice(0, options.lines);
}
