/** Colours as people see them: sRGB to CIELAB, and the distance of two colours by CIEDE2000. */

export type Lab = [l: number, a: number, b: number];
/** Each 0 to 1, gamma-coded as in files. */
export type Rgb = [r: number, g: number, b: number];

/** White of daylight (D65), as sRGB has it. */
const WHITE = [0.95047, 1, 1.08883] as const;

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function root(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : (24389 / 27 * value + 16) / 116;
}

export function labOf([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const x = root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE[0]);
  const y = root((0.2126729 * r + 0.7151522 * g + 0.0721750 * b) / WHITE[1]);
  const z = root((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / WHITE[2]);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const DEGREE = Math.PI / 180;
const FAR = 25 ** 7;

/** CIEDE2000; 1 is about the smallest difference that people see side by side. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const chroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const stretch = 1.5 - 0.5 * Math.sqrt(chroma ** 7 / (chroma ** 7 + FAR));
  const [c1, c2] = [Math.hypot(a1 * stretch, b1), Math.hypot(a2 * stretch, b2)];
  const [h1, h2] = [hueOf(a1 * stretch, b1), hueOf(a2 * stretch, b2)];
  const grey = c1 * c2 === 0;
  const turn = grey ? 0 : ((h2 - h1 + 540) % 360) - 180;
  const c = (c1 + c2) / 2;
  const h = grey ? h1 + h2 : middleHue(h1, h2);
  const t = 1 - 0.17 * Math.cos((h - 30) * DEGREE) + 0.24 * Math.cos(2 * h * DEGREE) +
    0.32 * Math.cos((3 * h + 6) * DEGREE) - 0.2 * Math.cos((4 * h - 63) * DEGREE);
  const fromMiddle = ((l1 + l2) / 2 - 50) ** 2;
  const dl = (l2 - l1) / (1 + 0.015 * fromMiddle / Math.sqrt(20 + fromMiddle));
  const dc = (c2 - c1) / (1 + 0.045 * c);
  const dh = 2 * Math.sqrt(c1 * c2) * Math.sin(turn / 2 * DEGREE) / (1 + 0.015 * c * t);
  const rotation = -2 * Math.sqrt(c ** 7 / (c ** 7 + FAR)) *
    Math.sin(60 * DEGREE * Math.exp(-(((h - 275) / 25) ** 2)));
  return Math.sqrt(dl * dl + dc * dc + dh * dh + rotation * dc * dh);
}

function hueOf(a: number, b: number): number {
  return (Math.atan2(b, a) / DEGREE + 360) % 360;
}

function middleHue(h1: number, h2: number): number {
  if (Math.abs(h1 - h2) <= 180) return (h1 + h2) / 2;
  return h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
}
