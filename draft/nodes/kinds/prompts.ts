/** Prompts and what encoders make of pictures. */
import type { NodeKind } from "../../contract.ts";
import { digest } from "../hash.ts";
import { kind } from "../kind.ts";
import { Conditioning, Handle } from "../values.ts";

export const promptKinds: Record<string, NodeKind> = {
  CLIPTextEncode: kind((inputs) => {
    const text = inputs.text("text");
    return [new Conditioning(text, digest([text, inputs.handle("clip").digest]), null)];
  }),
  ConditioningZeroOut: kind((inputs) => {
    const prompt = inputs.prompt("conditioning");
    return [new Conditioning("", digest("zero"), prompt.scene)];
  }),
  CLIPVisionEncode: kind((inputs) => {
    const seen = [inputs.handle("clip_vision").digest, inputs.frames("image").digest, inputs.text("crop")];
    return [new Handle("CLIP_VISION_OUTPUT", digest(seen))];
  }),
};
