/** Batches of pictures: joining, slicing, repeating, scaling, cropping, compositing. */
import type { NodeKind } from "../../contract.ts";
import {
  clampIndex,
  cropFrames,
  joinFrames,
  mapFrames,
  pickFrames,
  scaleFrames,
  scaleMask,
  sizeOf,
  sliceFrames,
  stillFrames,
} from "../frames.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { blendMasked, fillRect, scaleArea, type Size } from "../pixels.ts";
import { Frames, Mask, refuse } from "../values.ts";

/** ImageFromBatch clamps: an index past the end gives the last frame, never an error. */
function fromBatch(inputs: Inputs): Frames[] {
  const frames = inputs.frames("image");
  const index = inputs.int("batch_index");
  const start = clampIndex(index < 0 ? frames.count + index : index, frames.count);
  const count = Math.min(inputs.int("length"), frames.count - start);
  return [sliceFrames(frames, { start, count })];
}

function batchAll(inputs: Inputs): Frames[] {
  const all = inputs.grown("images").map(([, value]) => {
    if (value instanceof Frames) return value;
    throw refuse("BatchImagesNode takes pictures only.");
  });
  const [first, ...rest] = all;
  if (first === undefined) throw refuse("BatchImagesNode needs a picture.");
  return [rest.reduce((joined, next) => joinFrames(joined, next), first)];
}

/** A size of 0 follows the other one. */
function targetSize(frames: Size, wanted: Size): Size {
  const { width, height } = wanted;
  if (width === 0 && height === 0) return sizeOf(frames);
  if (width === 0) return { width: Math.max(1, Math.round(frames.width * height / frames.height)), height };
  if (height === 0) return { width, height: Math.max(1, Math.round(frames.height * width / frames.width)) };
  return wanted;
}

function scale(inputs: Inputs): Frames[] {
  const frames = inputs.frames("image");
  const to = targetSize(frames, { width: inputs.int("width"), height: inputs.int("height") });
  return [scaleFrames(frames, { to, crop: inputs.text("crop"), method: inputs.text("upscale_method") })];
}

function scaleBy(inputs: Inputs): Frames[] {
  const frames = inputs.frames("image");
  const factor = inputs.number("scale_by");
  const to = { width: Math.round(frames.width * factor), height: Math.round(frames.height * factor) };
  return [scaleFrames(frames, { to, crop: "disabled", method: inputs.text("upscale_method") })];
}

/** Size that one of ResizeImageMaskNode's ways asks for. */
function resizedTo(inputs: Inputs, from: Size): { to: Size; crop: string } {
  const way = inputs.text("resize_type");
  const number = (name: string, fallback?: number) => inputs.number(`resize_type.${name}`, fallback);
  const by = (factor: number): Size => ({
    width: Math.max(1, Math.round(from.width * factor)),
    height: Math.max(1, Math.round(from.height * factor)),
  });
  const plain = (to: Size) => ({ to, crop: "disabled" });
  const crop = inputs.text("resize_type.crop", "center");
  switch (way) {
    case "scale dimensions":
      return { to: targetSize(from, { width: number("width"), height: number("height") }), crop };
    case "scale by multiplier":
      return plain(by(number("multiplier")));
    case "scale longer dimension":
      return plain(by(number("longer_size") / Math.max(from.width, from.height)));
    case "scale shorter dimension":
      return plain(by(number("shorter_size") / Math.min(from.width, from.height)));
    case "scale width":
      return plain(by(number("width") / from.width));
    case "scale height":
      return plain(by(number("height") / from.height));
    case "scale total pixels":
      return plain(by(Math.sqrt(number("megapixels") * 1024 * 1024 / (from.width * from.height))));
    case "scale to multiple": {
      const step = number("multiple");
      const cut = (value: number) => Math.max(step, Math.floor(value / step) * step);
      return { to: { width: cut(from.width), height: cut(from.height) }, crop: "center" };
    }
    case "match size": {
      const match = inputs.raw["resize_type.match"];
      if (match instanceof Frames || match instanceof Mask) return { to: sizeOf(match), crop };
      throw refuse("ResizeImageMaskNode has nothing to match.");
    }
    default:
      throw refuse(`Unknown way to resize: ${way}.`);
  }
}

function resize(inputs: Inputs): (Frames | Mask)[] {
  const input = inputs.raw.input;
  const method = inputs.text("scale_method", "area");
  if (input instanceof Frames) return [scaleFrames(input, { ...resizedTo(inputs, input), method })];
  if (input instanceof Mask) return [scaleMask(input, resizedTo(inputs, input))];
  throw refuse("ResizeImageMaskNode takes a picture or a mask.");
}

/** Lays the source over the destination, frame by frame; the shorter batch repeats its last frame. */
function composite(inputs: Inputs): Frames[] {
  const destination = inputs.frames("destination");
  const size = sizeOf(destination);
  const given = inputs.frames("source");
  const source = inputs.bool("resize_source") ? scaleFrames(given, { to: size, crop: "disabled" }) : given;
  const mask = inputs.maybe("mask", Mask);
  const fitted = mask === null ? null : scaleMask(mask, { to: source, crop: "disabled" });
  const x = inputs.int("x");
  const y = inputs.int("y");
  const direct = x === 0 && y === 0 && source.width === size.width && source.height === size.height;
  const read = async (index: number): Promise<Uint8Array> => {
    const base = await destination.get(index);
    const over = await source.get(clampIndex(index, source.count));
    const inside = fitted === null ? null : await fitted.get(clampIndex(index, fitted.count));
    if (direct && inside !== null) return blendMasked(base, { over, inside });
    return placeOver(base, { size, over, source, inside, x, y });
  };
  const by = ["composite", destination.digest, source.digest, fitted?.digest ?? "", x, y];
  return [
    new Frames({
      count: destination.count,
      ...size,
      digest: digest(by),
      read,
      origin: destination.source,
    }),
  ];
}

function placeOver(
  base: Uint8Array,
  options: { size: Size; over: Uint8Array; source: Size; inside: Uint8Array | null; x: number; y: number },
): Uint8Array {
  const { size, over, source, inside, x, y } = options;
  const wide = new Uint8Array(base.length);
  const mask = new Uint8Array(size.width * size.height);
  for (let row = 0; row < source.height && row + y < size.height; row++) {
    const count = Math.min(source.width, size.width - x);
    if (count <= 0) break;
    const at = (row + y) * size.width + x;
    wide.set(over.subarray(row * source.width * 3, (row * source.width + count) * 3), at * 3);
    if (inside === null) mask.fill(255, at, at + count);
    else mask.set(inside.subarray(row * source.width, row * source.width + count), at);
  }
  return blendMasked(base, { over: wide, inside: mask });
}

function emptyImage(inputs: Inputs): Frames[] {
  const size = { width: inputs.int("width"), height: inputs.int("height") };
  const colour = inputs.int("color", 0);
  const rgb = new Uint8Array(size.width * size.height * 3);
  fillRect(rgb, size, { to: { x: 0, y: 0, ...size }, colour });
  return [
    stillFrames(size, {
      rgb,
      count: inputs.int("batch_size", 1),
      digest: digest(["empty", size.width, size.height, colour]),
    }),
  ];
}

function longerEdge(inputs: Inputs): Frames[] {
  const frames = inputs.frames("images");
  const factor = inputs.int("longer_edge") / Math.max(frames.width, frames.height);
  const to = {
    width: Math.max(1, Math.round(frames.width * factor)),
    height: Math.max(1, Math.round(frames.height * factor)),
  };
  return [scaleFrames(frames, { to, crop: "disabled" })];
}

function padTo(inputs: Inputs): Frames[] {
  const frames = inputs.frames("image");
  const to = { width: inputs.int("target_width"), height: inputs.int("target_height") };
  const fit = Math.min(to.width / frames.width, to.height / frames.height);
  const inner = {
    width: Math.max(1, Math.round(frames.width * fit)),
    height: Math.max(1, Math.round(frames.height * fit)),
  };
  const colour = inputs.text("padding_color") === "white" ? 255 : 0;
  const x = (to.width - inner.width) >> 1;
  const y = (to.height - inner.height) >> 1;
  return [
    new Frames({
      count: frames.count,
      ...to,
      digest: digest(["pad", frames.digest, to.width, to.height, colour]),
      origin: frames.source,
      read: async (index) => {
        const over = scaleArea(await frames.get(index), { from: frames, to: inner, depth: 3 });
        const base = new Uint8Array(to.width * to.height * 3).fill(colour);
        return placeOver(base, { size: to, over, source: inner, inside: null, x, y });
      },
    }),
  ];
}

/** Edges: white where brightness changes more than the high limit, grey above the low one. */
function edges(rgb: Uint8Array, options: { size: Size; low: number; high: number }): Uint8Array {
  const { size: { width, height }, low, high } = options;
  const grey = new Uint8Array(width * height);
  for (let p = 0, i = 0; p < grey.length; p++, i += 3) {
    grey[p] = (rgb[i]! * 77 + rgb[i + 1]! * 150 + rgb[i + 2]! * 29) >> 8;
  }
  const out = new Uint8Array(rgb.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const p = y * width + x;
      const across = grey[p + 1]! - grey[p - 1]!;
      const down = grey[p + width]! - grey[p - width]!;
      const change = (Math.abs(across) + Math.abs(down)) / 128;
      if (change > low) out.fill(change > high ? 255 : 96, p * 3, p * 3 + 3);
    }
  }
  return out;
}

function canny(inputs: Inputs): Frames[] {
  const frames = inputs.frames("image");
  const size = sizeOf(frames);
  const low = inputs.number("low_threshold");
  const high = inputs.number("high_threshold");
  return [
    mapFrames(frames, { size, by: ["canny", low, high], change: (rgb) => edges(rgb, { size, low, high }) }),
  ];
}

export const imageKinds: Record<string, NodeKind> = {
  ImageBatch: kind((inputs) => [joinFrames(inputs.frames("image1"), inputs.frames("image2"))]),
  BatchImagesNode: kind(batchAll),
  ImageFromBatch: kind(fromBatch),
  RepeatImageBatch: kind((inputs) => {
    const frames = inputs.frames("image");
    const amount = inputs.int("amount");
    return [
      pickFrames(frames, {
        count: frames.count * amount,
        at: (index) => index % frames.count,
        by: ["repeat", amount],
      }),
    ];
  }),
  ImageScale: kind(scale),
  ImageScaleBy: kind(scaleBy),
  ResizeImageMaskNode: kind(resize),
  ResizeImagesByLongerEdge: kind(longerEdge),
  ResizeAndPadImage: kind(padTo),
  ImageCrop: kind((inputs) => [
    cropFrames(inputs.frames("image"), {
      x: inputs.int("x"),
      y: inputs.int("y"),
      width: inputs.int("width"),
      height: inputs.int("height"),
    }),
  ]),
  ImageCompositeMasked: kind(composite),
  Canny: kind(canny),
  EmptyImage: kind(emptyImage),
  GetImageSize: kind((inputs) => {
    const { width, height, count } = inputs.frames("image");
    return [width, height, count];
  }),
};
