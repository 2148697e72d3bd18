/** Work on finished films: frames between frames, as a plain mix of both, and larger pictures. */
import type { NodeKind } from "../../contract.ts";
import { scaleFrames } from "../frames.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { Frames, Handle } from "../values.ts";

/** As many frames between each two as the multiplier says; after the last one there are none. */
function interpolate(inputs: Inputs): Frames[] {
  const frames = inputs.frames("images");
  const times = inputs.int("multiplier");
  const { width, height } = frames;
  const read = async (index: number): Promise<Uint8Array> => {
    const at = Math.floor(index / times);
    const share = index % times / times;
    const first = await frames.get(at);
    if (share === 0) return first;
    const second = await frames.get(at + 1);
    return first.map((value, n) => value + ((second[n] ?? value) - value) * share);
  };
  const count = (frames.count - 1) * times + 1;
  const model = inputs.handle("interp_model").digest;
  return [
    new Frames({ count, width, height, digest: digest(["between", frames.digest, times, model]), read }),
  ];
}

/** Models of this kind enlarge four times. */
const TIMES = 4;

function enlarge(inputs: Inputs): Frames[] {
  inputs.handle("upscale_model");
  const frames = inputs.frames("image");
  const to = { width: frames.width * TIMES, height: frames.height * TIMES };
  return [scaleFrames(frames, { to, crop: "disabled", method: "lanczos" })];
}

const model = (name: string): NodeKind =>
  kind((inputs) => [new Handle(name, digest([name, inputs.settings()]), 1)]);

export const finishingKinds: Record<string, NodeKind> = {
  FrameInterpolationModelLoader: model("INTERP_MODEL"),
  FrameInterpolate: kind(interpolate),
  UpscaleModelLoader: model("UPSCALE_MODEL"),
  ImageUpscaleWithModel: kind(enlarge),
};
