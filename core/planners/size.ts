/** How large a film becomes: the person's wish or the picture's shape, within what the model can do. */
import type { Manifest } from "../template.ts";

export interface FilmSize {
  width: number;
  height: number;
  asked: { width: number | null; height: number | null };
}

type Limits = Manifest["size"];

/**
 * Both sides given: each is snapped to the nearest multiple within the limits. One side given: the other follows from
 * the picture's shape. None: as many pixels as the template's own size has, in the picture's shape.
 */
export function chooseSize(
  limits: Limits,
  of: { picture: { width: number; height: number } | null; width?: number; height?: number },
): FilmSize {
  const asked = { width: of.width ?? null, height: of.height ?? null };
  const aspect = of.picture ? of.picture.width / of.picture.height : limits.width / limits.height;
  const area = limits.width * limits.height;
  const wide = of.width ?? (of.height === undefined ? Math.sqrt(area * aspect) : of.height * aspect);
  const high = of.height ?? (of.width === undefined ? Math.sqrt(area / aspect) : of.width / aspect);
  return { width: snap(wide, limits), height: snap(high, limits), asked };
}

function snap(pixels: number, { multiple, min, max }: Limits): number {
  return Math.min(max, Math.max(min, Math.round(pixels / multiple) * multiple));
}

/** One sentence with both sizes where the wish could not be met to the pixel; null where it could. */
export function describeSize(
  { width, height, asked }: FilmSize,
  { multiple }: Limits,
  thing: "film" | "picture" = "film",
): string | null {
  const same = (asked.width ?? width) === width && (asked.height ?? height) === height;
  if (same) return null;
  const wish = `${asked.width ?? "any"} × ${asked.height ?? "any"}`;
  return `You asked for ${wish}; the ${thing} will be ${width} × ${height}, because this model works in steps of ${multiple} pixels within its limits.`;
}
