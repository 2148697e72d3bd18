/** Draws the frames of a draft: backdrop, figure, the driving clip as an inset, the voice's bar, strips, and the word DRAFT. */
import { drawText, GLYPH, wrapText } from "./font.ts";
import { type Layout, layoutOf, LOUDNESS_FULL, STRIP_CELLS } from "./inset.ts";
import { drawPicture, fillEllipse, fillRect, meanColour, type Rect, type Size } from "./pixels.ts";
import { type Beat, codeOf, type Shot } from "./shot.ts";
import { type Latent, type Picture, refuse } from "./values.ts";

const WHITE = 0xffffff;
const BLACK = 0x000000;
const GREY = 0x808080;

/** One pixel frame of a latent: which shot, and which of its frames. */
export interface Moment {
  shot: Shot;
  beat: Beat;
}

/** The moment that decoded frame `index` shows: the first latent frame gives its last moment, each other all of them. */
export function momentAt(latent: Latent, index: number): Moment {
  const { stride } = latent.layout;
  const group = index === 0 ? 0 : Math.floor((index - 1) / stride) + 1;
  const place = index === 0 ? stride - 1 : (index - 1) % stride;
  const shot = latent.shots[group];
  const beat = shot?.beats[Math.min(place, shot.beats.length - 1)];
  if (shot === undefined || beat === undefined) throw refuse(`The latent has no frame ${index}.`);
  return { shot, beat };
}

/** Paints one moment at any size. `vae` is a number that stands for the decoder. */
export function paint(latent: Latent, options: { moment: Moment; size: Size; vae: number }): Uint8Array {
  const { moment: { shot, beat }, size, vae } = options;
  const out = new Uint8Array(size.width * size.height * 3);
  const layout = layoutOf(size);
  const find = (id: string | null): Picture | null => id === null ? null : latent.pictures.get(id) ?? null;
  paintBackdrop(out, size, { shot, beat, picture: find(beat.backdrop) });
  const plate = find(shot.plate);
  if (plate !== null) paintFigure(out, size, { plate, beat });
  else if (beat.backdrop === null) paintCard(out, size, { shot, beat });
  if (shot.noise > 0) paintNoise(out, { shot, beat });
  const inset = find(beat.inset);
  if (inset !== null) paintInset(out, size, { layout, picture: inset });
  if (beat.level >= 0) paintBar(out, size, { layout, level: beat.level });
  paintStrips(out, size, { layout, moment: options.moment, vae });
  paintWords(out, size, { layout, caption: shot.caption });
  return out;
}

/** A muted colour from eight bits of hue. */
function hue(bits: number, light: number): [number, number, number] {
  const angle = (bits & 255) / 256 * Math.PI * 2;
  const at = (shift: number) => Math.round(light * (0.62 + 0.38 * Math.cos(angle + shift)));
  return [at(0), at(-2.094), at(2.094)];
}

/** Soft diagonal waves: hues by the prompt, slant and width by the negative prompt, place by seed and time, depth by the settings. */
function paintBackdrop(
  out: Uint8Array,
  size: Size,
  options: { shot: Shot; beat: Beat; picture: Picture | null },
): void {
  const { shot: { look }, beat, picture } = options;
  if (picture !== null) {
    drawPicture(out, size, { picture, to: { x: 0, y: 0, ...size } });
    return;
  }
  const [prompt = 0, negative = 0, seed = 0, settings = 0, scene = 0] = look;
  const period = 64 + (negative & 63) * 2;
  const slope = 0.25 + (negative >>> 6 & 7) / 8;
  const depth = 0.35 + (settings & 15) / 32;
  const speed = 1 + (scene & 3);
  const [r0, g0, b0] = hue(prompt, 150);
  const [r1, g1, b1] = hue(prompt >>> 8, 150 * (1 - depth));
  const row = new Uint8Array((size.width + period) * 3);
  for (let x = 0, i = 0; x < size.width + period; x++) {
    const wave = Math.abs((x % period) / period * 2 - 1);
    row[i++] = r0 + (r1 - r0) * wave;
    row[i++] = g0 + (g1 - g0) * wave;
    row[i++] = b0 + (b1 - b0) * wave;
  }
  const phase = seed % period + beat.index * speed;
  for (let y = 0; y < size.height; y++) {
    const shift = Math.floor(y * slope + phase) % period;
    const from = (shift < 0 ? shift + period : shift) * 3;
    out.set(row.subarray(from, from + size.width * 3), y * size.width * 3);
  }
}

/** The character at its place and size, lit by the voice. */
function paintFigure(out: Uint8Array, size: Size, options: { plate: Picture; beat: Beat }): void {
  const { plate, beat } = options;
  const loud = Math.max(0, beat.level);
  const fit = Math.min(size.width / plate.width, size.height / plate.height) * beat.z;
  const width = plate.width * fit;
  const height = plate.height * fit;
  const to: Rect = {
    x: Math.round(beat.x * size.width - width / 2),
    y: Math.round(beat.y * size.height - height / 2),
    width: Math.max(2, Math.round(width)),
    height: Math.max(2, Math.round(height)),
  };
  fillRect(out, size, {
    to: { x: to.x - 2, y: to.y - 2, width: to.width + 4, height: to.height + 4 },
    colour: 0x202028,
  });
  drawPicture(out, size, { picture: plate, to, gain: Math.round(256 + loud * 64) });
}

/** Text with a shadow, readable on light and dark. */
function write(
  out: Uint8Array,
  size: Size,
  options: { text: string; x: number; y: number; scale: number },
): void {
  const { x, y, scale } = options;
  const off = Math.max(1, scale >> 1);
  drawText(out, size, { ...options, x: x + off, y: y + off, colour: BLACK });
  drawText(out, size, { ...options, x, y, scale, colour: WHITE });
}

/** Words on a moving card, where only a text is given. */
function paintCard(out: Uint8Array, size: Size, options: { shot: Shot; beat: Beat }): void {
  const { shot, beat } = options;
  const [prompt = 0, , seed = 0] = shot.look;
  const scale = Math.max(1, Math.round(size.width / 200));
  const columns = Math.max(4, Math.floor(size.width * 0.7 / (GLYPH.width * scale)));
  const lines = wrapText(shot.text, { columns, lines: 6 });
  const reach = Math.min(size.width, size.height) * 0.08;
  const x = size.width * 0.15 + Math.sin(beat.index / 24 + (prompt & 255) / 40) * reach;
  const y = size.height * 0.58 + Math.cos(beat.index / 31 + (seed & 255) / 40) * reach;
  const ball = size.width * (0.06 + (prompt >>> 16 & 15) / 300);
  fillEllipse(out, size, {
    to: {
      x: size.width * (0.5 + 0.35 * Math.sin(beat.index / 16 + (seed & 255))) - ball,
      y: size.height * (0.4 + 0.2 * Math.cos(beat.index / 20 + (prompt & 255))) - ball,
      width: ball * 2,
      height: ball * 2,
    },
    colour: 0xa89040,
  });
  for (const [row, text] of lines.entries()) {
    const down = Math.round(y + row * GLYPH.height * scale * 1.4);
    write(out, size, { text, x: Math.round(x), y: down, scale });
  }
}

/** Noise that is left in a latent, the same for the same frame. */
function paintNoise(out: Uint8Array, options: { shot: Shot; beat: Beat }): void {
  const { shot, beat } = options;
  const amount = Math.round(Math.min(1, shot.noise) * 200);
  let state = ((shot.look[2] ?? 1) ^ (beat.index * 0x9e3779b1)) | 1;
  for (let i = 0; i < out.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const value = out[i]! + (((state & 255) - 128) * amount >> 8);
    out[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

function paintInset(out: Uint8Array, size: Size, options: { layout: Layout; picture: Picture }): void {
  const { layout: { inset }, picture } = options;
  const height = Math.round(inset.width * picture.height / picture.width);
  const shown = Math.min(height, inset.height);
  fillRect(out, size, {
    to: { x: inset.x - 2, y: inset.y - 2, width: inset.width + 4, height: shown + 4 },
    colour: WHITE,
  });
  const part = height === shown ? picture : {
    width: picture.width,
    height: Math.max(1, Math.floor(picture.height * shown / height)),
    rgb: picture.rgb,
  };
  drawPicture(out, size, {
    picture: part,
    to: { x: inset.x, y: inset.y, width: inset.width, height: shown },
  });
}

function paintBar(out: Uint8Array, size: Size, options: { layout: Layout; level: number }): void {
  const { layout: { bar }, level } = options;
  const filled = Math.round(Math.min(1, level / LOUDNESS_FULL) * bar.height);
  fillRect(out, size, { to: { ...bar, y: bar.y - 4, height: bar.height + 4 }, colour: BLACK });
  fillRect(out, size, { to: { ...bar, y: bar.y + bar.height, height: 4 }, colour: WHITE });
  fillRect(out, size, { to: { ...bar, y: bar.y + bar.height - filled, height: filled }, colour: WHITE });
}

function paintStrip(
  out: Uint8Array,
  size: Size,
  options: { strip: Rect; colours: number[] },
): void {
  const { strip, colours } = options;
  const cell = strip.width / colours.length;
  for (const [i, colour] of colours.entries()) {
    const left = Math.round(strip.x + i * cell);
    const right = Math.round(strip.x + (i + 1) * cell);
    fillRect(out, size, { to: { x: left, y: strip.y, width: right - left, height: strip.height }, colour });
  }
}

function bitColours(code: number): number[] {
  return Array.from(
    { length: STRIP_CELLS },
    (_, bit) => (code >> (STRIP_CELLS - 1 - bit) & 1) === 1 ? WHITE : BLACK,
  );
}

function paintStrips(
  out: Uint8Array,
  size: Size,
  options: { layout: Layout; moment: Moment; vae: number },
): void {
  const { layout, moment: { shot, beat }, vae } = options;
  const none = Array.from({ length: STRIP_CELLS }, () => GREY);
  paintStrip(out, size, { strip: layout.own, colours: bitColours(codeOf(shot, beat)) });
  paintStrip(out, size, { strip: layout.from, colours: shot.from < 0 ? none : bitColours(shot.from) });
  if (shot.tail.length > 0) paintStrip(out, size, { strip: layout.tail, colours: shot.tail });
  // Eight colours of twelve bits would hide bits; each byte of every number is one cell instead.
  const cells = [...shot.look, vae].flatMap((value) =>
    [24, 16, 8, 0].map((shift) => {
      const byte = value >>> shift & 255;
      return (byte & 0xe0) << 16 | (byte << 3 & 0xe0) << 8 | (byte << 6 & 0xc0);
    })
  );
  // A short row of cells would lose some to rounding, so small frames use two dots per cell and more rows.
  const rows = Math.max(1, Math.ceil(cells.length * 2 / layout.sign.width));
  const perRow = Math.ceil(cells.length / rows);
  for (let row = 0; row < rows; row++) {
    const strip = {
      ...layout.sign,
      y: layout.sign.y - row * layout.sign.height,
    };
    paintStrip(out, size, { strip, colours: cells.slice(row * perRow, (row + 1) * perRow) });
  }
}

function paintWords(out: Uint8Array, size: Size, options: { layout: Layout; caption: string }): void {
  const { layout: { dot }, caption } = options;
  const width = 5 * GLYPH.width * dot;
  const x = size.width - width - dot * 4;
  const y = dot * 3;
  fillRect(out, size, {
    to: { x: x - dot * 2, y: y - dot * 2, width: width + dot * 3, height: dot * 11 },
    colour: 0xc02020,
  });
  drawText(out, size, { text: "DRAFT", x, y, scale: dot, colour: WHITE });
  const small = Math.max(1, dot >> 1);
  const room = Math.floor(size.width * 0.45 / (GLYPH.width * small));
  for (const [row, text] of wrapText(caption, { columns: room, lines: 3 }).entries()) {
    const x = size.width - text.length * GLYPH.width * small - small * 4;
    write(out, size, { text, x, y: y + dot * 11 + row * small * 9, scale: small });
  }
}

/** Mean colours of up to five moments, for what continues them. */
export function tailColours(latent: Latent, moments: Moment[]): number[] {
  const size = { width: 64, height: 64 };
  return moments.slice(-5).map((moment) => meanColour(paint(latent, { moment, size, vae: 0 })));
}
