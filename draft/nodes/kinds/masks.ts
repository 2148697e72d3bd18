/** Masks: solid ones, from pictures, grown, inverted, shown. */
import type { NodeContext, NodeKind, NodeResult } from "../../contract.ts";
import { mapMask } from "../frames.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { numbered, previewPrefix, saveAs, saveTarget } from "../naming.ts";
import type { Size } from "../pixels.ts";
import { writePng } from "../png.ts";
import { Frames, Mask } from "../values.ts";

/** Grows the white part by `reach` pixels, or shrinks it for a negative one; tapered corners give an octagon in place of a square. */
function growMask(grey: Uint8Array, options: { size: Size; reach: number; tapered: boolean }): Uint8Array {
  const { size, reach, tapered } = options;
  if (reach === 0) return grey;
  const shrinks = reach < 0;
  const source = shrinks ? grey.map((value) => 255 - value) : grey;
  const steps = Math.abs(reach);
  const side = tapered ? Math.round(steps * 0.7) : steps;
  const rows = spread(source, { size, reach: side, down: false });
  const grown = spread(rows, { size, reach: side, down: true });
  if (tapered) {
    const across = spread(source, { size, reach: steps, down: false });
    const down = spread(source, { size, reach: steps, down: true });
    for (let i = 0; i < grown.length; i++) grown[i] = Math.max(grown[i]!, across[i]!, down[i]!);
  }
  return shrinks ? grown.map((value) => 255 - value) : grown;
}

/** White runs of every row or column made longer by `reach` at both ends. Grey counts as white from 128 on. */
function spread(grey: Uint8Array, options: { size: Size; reach: number; down: boolean }): Uint8Array {
  const { size: { width, height }, reach, down } = options;
  const out = grey.slice();
  const [lines, length] = down ? [width, height] : [height, width];
  const [step, next] = down ? [width, 1] : [1, width];
  for (let line = 0; line < lines; line++) {
    const start = line * next;
    let until = -1;
    for (let i = 0; i < length; i++) {
      if (grey[start + i * step]! >= 128) until = i + reach;
      else if (i <= until) out[start + i * step] = 255;
    }
    until = length;
    for (let i = length - 1; i >= 0; i--) {
      if (grey[start + i * step]! >= 128) until = i - reach;
      else if (i >= until) out[start + i * step] = 255;
    }
  }
  return out;
}

function solidMask(inputs: Inputs): Mask[] {
  const size = { width: inputs.int("width"), height: inputs.int("height") };
  const value = Math.round(inputs.number("value") * 255);
  const grey = new Uint8Array(size.width * size.height).fill(value);
  const by = digest(["solid", size.width, size.height, value]);
  return [new Mask({ count: 1, ...size, digest: by, read: () => Promise.resolve(grey) })];
}

const CHANNELS: Record<string, number> = { red: 0, green: 1, blue: 2 };

function fromImage(inputs: Inputs): Mask[] {
  const frames = inputs.frames("image");
  const channel = CHANNELS[inputs.text("channel")];
  const { count, width, height } = frames;
  const read = async (index: number): Promise<Uint8Array> => {
    const grey = new Uint8Array(width * height);
    // Pictures have no alpha here; ComfyUI counts a missing one as opaque.
    if (channel === undefined) return grey.fill(255);
    const rgb = await frames.get(index);
    for (let p = 0, i = channel; p < grey.length; p++, i += 3) grey[p] = rgb[i]!;
    return grey;
  };
  return [new Mask({ count, width, height, digest: digest([frames.digest, channel ?? "alpha"]), read })];
}

function toRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let p = 0, i = 0; p < grey.length; p++, i += 3) rgb.fill(grey[p]!, i, i + 3);
  return rgb;
}

function toImage(inputs: Inputs): Frames[] {
  const mask = inputs.mask("mask");
  const { count, width, height } = mask;
  const read = async (index: number) => toRgb(await mask.get(index));
  return [new Frames({ count, width, height, digest: digest([mask.digest, "image"]), read })];
}

async function preview(inputs: Inputs, context: NodeContext): Promise<NodeResult> {
  const mask = inputs.mask("mask");
  const target = await saveTarget(context, { prefix: previewPrefix(context), type: "temp" });
  const images = [];
  for (let index = 0; index < mask.count; index++) {
    context.signal.throwIfAborted();
    const rgb = toRgb(await mask.get(index));
    const png = await writePng({ width: mask.width, height: mask.height, rgb });
    const name = numbered(target, { ahead: index, ending: "_.png" });
    images.push(await saveAs(target, { name, write: (path) => Deno.writeFile(path, png) }));
  }
  return { outputs: [mask], ui: { images, animated: [false] } };
}

export const maskKinds: Record<string, NodeKind> = {
  SolidMask: kind(solidMask),
  ImageToMask: kind(fromImage),
  MaskToImage: kind(toImage),
  InvertMask: kind((inputs) => [
    mapMask(inputs.mask("mask"), { by: "invert", change: (grey) => grey.map((value) => 255 - value) }),
  ]),
  GrowMask: kind((inputs) => {
    const mask = inputs.mask("mask");
    const reach = inputs.int("expand");
    const tapered = inputs.bool("tapered_corners", true);
    const size = { width: mask.width, height: mask.height };
    const change = (grey: Uint8Array) => growMask(grey, { size, reach, tapered });
    return [mapMask(mask, { by: ["grow", reach, tapered], change })];
  }),
  MaskPreview: kind(preview),
};
