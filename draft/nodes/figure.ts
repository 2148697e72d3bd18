/** Finds the figure in a frame without a model: what differs from the frame's border, its centre and its spread. */
import { scaleArea, type Size } from "./pixels.ts";
import type { Box } from "./values.ts";

const GRID = 48;

/** Share of the height at the top that is not looked at: clips may carry a strip of cells there. */
const TOP_SHARE = 0.08;

/** The box around the figure in pixels of the frame; the whole middle where nothing stands out. */
export function findFigure(rgb: Uint8Array, size: Size): Box {
  const to = { width: GRID, height: GRID };
  const small = scaleArea(rgb, { from: size, to, depth: 3 });
  const [r, g, b] = borderColour(small);
  let sum = 0, sumX = 0, sumY = 0, sumXX = 0, sumYY = 0;
  for (let y = Math.ceil(GRID * TOP_SHARE); y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const i = (y * GRID + x) * 3;
      const far = Math.abs(small[i]! - r) + Math.abs(small[i + 1]! - g) + Math.abs(small[i + 2]! - b) - 60;
      if (far <= 0) continue;
      sum += far;
      sumX += far * x;
      sumY += far * y;
      sumXX += far * x * x;
      sumYY += far * y * y;
    }
  }
  if (sum < 500) {
    return { x: size.width * 0.25, y: size.height * 0.1, width: size.width * 0.5, height: size.height * 0.8 };
  }
  const x = sumX / sum;
  const y = sumY / sum;
  // Two deviations to each side hold nearly all of it.
  const halfX = Math.max(2, 2 * Math.sqrt(Math.max(0, sumXX / sum - x * x)));
  const halfY = Math.max(2, 2 * Math.sqrt(Math.max(0, sumYY / sum - y * y)));
  const across = size.width / GRID;
  const down = size.height / GRID;
  const left = Math.max(0, (x + 0.5 - halfX) * across);
  const top = Math.max(0, (y + 0.5 - halfY) * down);
  return {
    x: left,
    y: top,
    width: Math.min(size.width, (x + 0.5 + halfX) * across) - left,
    height: Math.min(size.height, (y + 0.5 + halfY) * down) - top,
  };
}

/** Mean colour of the left, right and lower border. */
function borderColour(small: Uint8Array): [number, number, number] {
  let r = 0, g = 0, b = 0, count = 0;
  const add = (x: number, y: number) => {
    const i = (y * GRID + x) * 3;
    r += small[i]!;
    g += small[i + 1]!;
    b += small[i + 2]!;
    count += 1;
  };
  for (let y = Math.ceil(GRID * TOP_SHARE); y < GRID; y++) {
    add(0, y);
    add(GRID - 1, y);
  }
  for (let x = 0; x < GRID; x++) add(x, GRID - 1);
  return [r / count, g / count, b / count];
}
