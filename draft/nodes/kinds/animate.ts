/** Wan Animate: the character image carried by the driving clip, in chunks that continue one another. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { findFigure } from "../figure.ts";
import { clampIndex } from "../frames.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { scaleArea, type Size } from "../pixels.ts";
import {
  addPlate,
  blankShot,
  buildScene,
  carryFrames,
  digestOfInput,
  emptyLatent,
  insetPicture,
  NOTHING_CARRIED,
  withScene,
} from "../scene.ts";
import { Album, type Beat, STILL } from "../shot.ts";
import { type Box, Frames, Mask, refuse } from "../values.ts";

/** A clip from its offset on, or null where it is used up. */
interface Window {
  frames: Frames;
  /** Frame of the clip at the first frame of the chunk. */
  offset: number;
}

function windowOf(frames: Frames | null, offset: number): Window | null {
  return frames === null || frames.count <= offset ? null : { frames, offset };
}

/** Place and size of the figure in a driving frame, as shares of the film's frame. */
function placeOf(box: Box, from: Size): { x: number; y: number; z: number } {
  const round = (value: number) => Math.round(value * 4096) / 4096;
  return {
    x: round(Math.min(0.9, Math.max(0.1, (box.x + box.width / 2) / from.width))),
    y: round(Math.min(0.9, Math.max(0.1, (box.y + box.height / 2) / from.height))),
    z: round(Math.min(0.9, Math.max(0.25, box.height / from.height * 0.9))),
  };
}

/** Box around the white part of a mask, or null where it is black. */
export function maskBox(grey: Uint8Array, size: Size): Box | null {
  const to = { width: 64, height: 64 };
  const small = scaleArea(grey, { from: size, to, depth: 1 });
  let left = 64, top = 64, right = -1, bottom = -1;
  for (let i = 0; i < small.length; i++) {
    if (small[i]! < 128) continue;
    const x = i % 64;
    const y = i >> 6;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (right < 0) return null;
  return {
    x: left * size.width / 64,
    y: top * size.height / 64,
    width: (right + 1 - left) * size.width / 64,
    height: (bottom + 1 - top) * size.height / 64,
  };
}

interface Drive {
  size: Size;
  driver: Window | null;
  background: Window | null;
  mask: { mask: Mask; offset: number } | null;
}

/** One frame of a chunk: driving frame in the inset, figure at its place, background behind it. */
async function beatAt(drive: Drive, options: { album: Album; place: number; offset: number }): Promise<Beat> {
  const { size, driver, background, mask } = drive;
  const { album, place, offset } = options;
  const beat: Beat = { ...STILL, index: offset + place };
  if (driver !== null) {
    const clip = driver.frames.source;
    const rgb = await clip.get(clampIndex(driver.offset + place, clip.count));
    beat.inset = album.add(insetPicture(rgb, { from: clip, film: size }));
    Object.assign(beat, placeOf(findFigure(rgb, clip), clip));
  }
  if (background !== null) {
    const { frames } = background;
    const index = background.offset + place;
    if (index < frames.count) {
      beat.backdrop = album.add(insetPicture(await frames.get(index), { from: frames, film: size }));
    }
  }
  if (mask !== null) {
    const index = mask.mask.count === 1 ? 0 : clampIndex(mask.offset + place, mask.mask.count);
    const box = maskBox(await mask.mask.get(index), mask.mask);
    if (box !== null) Object.assign(beat, placeOf(box, mask.mask));
  }
  return beat;
}

function digestOfInputs(inputs: Inputs, tail: string): string {
  const { video_frame_offset: _offset, ...settings } = inputs.settings();
  const names = [
    "clip_vision_output_pose",
    "positive_pose",
    "vae",
    "clip_vision_output",
    "face_video",
    "character_mask",
    "background_video",
    "pose_video",
  ];
  return digest([settings, names.map((name) => digestOfInput(inputs.raw[name])), tail]);
}

/** Frames of the part before that Wan-Animate-2 goes on from; it has no input for their number. */
const CONTINUED_2 = 1;

function runAnimate2(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  if (inputs.number("pose_start_percent", 0) > inputs.number("pose_end_percent", 1)) {
    throw refuse("pose_start_percent must not be greater than pose_end_percent.");
  }
  const clip = inputs.maybe("pose_video", Frames);
  const before = inputs.maybe("continue_motion", Frames) === null ? 0 : CONTINUED_2;
  const offset = Math.max(0, inputs.int("video_frame_offset") - before);
  if (clip !== null && clip.count <= offset) {
    throw refuse(`pose_video has ${clip.count} frames but video_frame_offset is ${offset}.`);
  }
  return animate(inputs, { context, continued: CONTINUED_2, caption: "MOVE 2" });
}

function runAnimate(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  return animate(inputs, { context, continued: inputs.int("continue_motion_max_frames") });
}

async function animate(
  inputs: Inputs,
  { context, continued, caption }: { context: NodeContext; continued: number; caption?: string },
): Promise<unknown[]> {
  const size = { width: inputs.int("width") & ~7, height: inputs.int("height") & ~7 };
  const length = inputs.int("length");
  const latentLength = Math.floor((length - 1) / 4) + 1;
  const before = inputs.maybe("continue_motion", Frames);
  const kept = before === null ? 0 : Math.min(before.count, continued);
  const motionLatents = kept === 0 ? 0 : Math.floor((kept - 1) / 4) + 1;
  const offset = Math.max(0, inputs.int("video_frame_offset") - kept);
  const carried = before === null
    ? NOTHING_CARRIED
    : await carryFrames(before, { start: before.count - kept, count: kept });
  const mask = inputs.maybe("character_mask", Mask);
  const background = windowOf(inputs.maybe("background_video", Frames), offset);
  const drive: Drive = {
    size,
    driver: windowOf(inputs.maybe("pose_video", Frames), offset) ??
      windowOf(inputs.maybe("face_video", Frames), offset),
    background,
    mask: mask !== null && (mask.count === 1 || mask.count > offset) ? { mask, offset } : null,
  };
  const album = new Album();
  const beats: Beat[] = [];
  for (let place = 0; place < length; place++) {
    context.signal.throwIfAborted();
    beats.push(await beatAt(drive, { album, place, offset }));
  }
  const mix = background !== null && drive.mask !== null;
  const blank = blankShot({
    plate: await addPlate(album, inputs.maybe("reference_image", Frames)),
    carried,
    caption: caption ?? (mix ? "MIX" : "MOVE"),
    text: inputs.prompt("positive").text,
    digest: digestOfInputs(inputs, carried.digest),
  });
  const scene = buildScene(blank, { size, album, beats, ahead: 1 });
  return [
    withScene(inputs.prompt("positive"), scene),
    inputs.prompt("negative"),
    emptyLatent({ ...size, stride: 4 }, latentLength + 1),
    1,
    Math.max(0, motionLatents * 4 - 3),
    offset + length,
  ];
}

export const animateKinds: Record<string, NodeKind> = {
  WanAnimateToVideo: kind(runAnimate),
  WanAnimate2ToVideo: kind(runAnimate2),
};
