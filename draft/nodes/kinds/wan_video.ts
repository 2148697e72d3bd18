/** Wan's other video conditionings: VACE, a start image, a first and a last image. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { clampIndex } from "../frames.ts";
import { digest } from "../hash.ts";
import { readContinuity } from "../inset.ts";
import { type Inputs, kind } from "../kind.ts";
import {
  addPlate,
  blankShot,
  buildScene,
  type Carried,
  carryFrames,
  digestOfInput,
  emptyLatent,
  insetPicture,
  NOTHING_CARRIED,
  withScene,
} from "../scene.ts";
import { Album, type Beat, STILL } from "../shot.ts";
import { Frames, Mask } from "../values.ts";

interface Clip {
  carried?: Carried;
  control: Frames | null;
  plate: Frames | null;
  caption: string;
  /** Names of the inputs whose digests count. */
  names: string[];
  ahead: number;
}

/** Scene, empty latent and prompts of one clip; without any picture the prompt's card remains. */
async function clipOf(inputs: Inputs, options: { clip: Clip; context: NodeContext }): Promise<unknown[]> {
  const { clip, context } = options;
  const size = { width: inputs.int("width") & ~7, height: inputs.int("height") & ~7 };
  const length = (Math.floor((inputs.int("length") - 1) / 4)) * 4 + 1;
  const album = new Album();
  const beats: Beat[] = [];
  for (let index = 0; index < length; index++) {
    context.signal.throwIfAborted();
    const beat: Beat = { ...STILL, index };
    if (clip.control !== null && index < clip.control.count) {
      const source = clip.control.source;
      const rgb = await source.get(clampIndex(index, source.count));
      beat.inset = album.add(insetPicture(rgb, { from: source, film: size }));
    }
    beats.push(beat);
  }
  const positive = inputs.prompt("positive");
  const blank = blankShot({
    plate: await addPlate(album, clip.plate),
    carried: clip.carried ?? NOTHING_CARRIED,
    caption: clip.caption,
    text: positive.text,
    digest: digest([inputs.settings(), clip.names.map((name) => digestOfInput(inputs.raw[name]))]),
  });
  const scene = buildScene(blank, { size, album, beats, ahead: clip.ahead });
  const latent = emptyLatent({ ...size, stride: 4 }, scene.shots.length);
  return [withScene(positive, scene), inputs.prompt("negative"), latent];
}

export async function runVace(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const reference = inputs.maybe("reference_image", Frames);
  inputs.maybe("control_masks", Mask);
  const ahead = reference === null ? 0 : 1;
  // A frame of a draft is what this one goes on from, and no picture to be shown in it.
  const goesOn = reference !== null && await isDraft(reference);
  const clip: Clip = {
    control: inputs.maybe("control_video", Frames),
    plate: goesOn ? null : reference,
    ...(goesOn ? { carried: await carryFrames(reference, { start: 0, count: 1 }) } : {}),
    caption: "VACE",
    names: ["vae", "control_video", "control_masks", "reference_image"],
    ahead,
  };
  return [...await clipOf(inputs, { clip, context }), ahead];
}

async function isDraft(picture: Frames): Promise<boolean> {
  const { own } = readContinuity(await picture.get(0), picture.width, picture.height);
  // Where all is dark there is no code either.
  return own !== null && own !== 0;
}

function runImageToVideo(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const clip: Clip = {
    control: null,
    plate: inputs.maybe("start_image", Frames),
    caption: "I2V",
    names: ["vae", "start_image", "clip_vision_output"],
    ahead: 0,
  };
  return clipOf(inputs, { clip, context });
}

function runFirstLast(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const end = inputs.maybe("end_image", Frames);
  const clip: Clip = {
    control: end,
    plate: inputs.maybe("start_image", Frames) ?? end,
    caption: "FIRST LAST",
    names: ["vae", "start_image", "end_image", "clip_vision_start_image", "clip_vision_end_image"],
    ahead: 0,
  };
  return clipOf(inputs, { clip, context });
}

export const wanVideoKinds: Record<string, NodeKind> = {
  WanVaceToVideo: kind(runVace),
  WanImageToVideo: kind(runImageToVideo),
  WanFirstLastFrameToVideo: kind(runFirstLast),
};
