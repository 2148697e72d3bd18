/** Detectors: person boxes, poses, tracks and masks, found by contrast in place of a model. */
import type { NodeKind } from "../../contract.ts";
import { findFigure } from "../figure.ts";
import { clampIndex } from "../frames.ts";
import { digest } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { drawPicture, fillEllipse, fillRect, scaleArea, type Size } from "../pixels.ts";
import { digestOfInput } from "../scene.ts";
import { type Box, Figures, Frames, Mask } from "../values.ts";

/** Everything a detector was given, as one digest. */
function digestOf(inputs: Inputs): string {
  return digest([
    inputs.settings(),
    Object.entries(inputs.raw).map(([name, value]) => [name, digestOfInput(value)]),
  ]);
}

function detect(inputs: Inputs, name: string): Figures {
  const frames = inputs.frames(name);
  return new Figures(frames, digestOf(inputs), async (index) => findFigure(await frames.get(index), frames));
}

function keypoints(inputs: Inputs): Figures {
  const frames = inputs.frames("image");
  const boxes = inputs.maybe("bboxes", Figures);
  const find = boxes === null
    ? async (index: number) => findFigure(await frames.get(index), frames)
    : (index: number) => boxes.find(clampIndex(index, boxes.frames.count));
  return new Figures(frames, digestOf(inputs), find);
}

/** A stick figure in a box: head, spine, arms and legs, spread by the box's shape. */
function drawPose(out: Uint8Array, size: Size, options: { box: Box; inputs: Inputs }): void {
  const { box, inputs } = options;
  const stick = inputs.int("stick_width", 4);
  const line = (from: [number, number], to: [number, number], colour: number) => {
    const steps = Math.max(2, Math.round(box.height / Math.max(1, stick)));
    for (let i = 0; i <= steps; i++) {
      const x = box.x + box.width * (from[0] + (to[0] - from[0]) * i / steps);
      const y = box.y + box.height * (from[1] + (to[1] - from[1]) * i / steps);
      fillRect(out, size, {
        to: { x: x - stick / 2, y: y - stick / 2, width: stick, height: stick },
        colour,
      });
    }
  };
  if (inputs.bool("draw_body", true)) {
    line([0.5, 0.2], [0.5, 0.6], 0x00ff60);
    line([0.5, 0.25], [0.1, 0.5], 0xff8000);
    line([0.5, 0.25], [0.9, 0.5], 0xffd000);
    line([0.5, 0.6], [0.3, 1], 0x00a0ff);
    line([0.5, 0.6], [0.7, 1], 0x4040ff);
  }
  if (inputs.bool("draw_feet")) line([0.25, 0.99], [0.75, 0.99], 0xc0c0c0);
  if (inputs.bool("draw_hands", true)) {
    line([0.06, 0.5], [0.14, 0.52], 0xff40a0);
    line([0.86, 0.52], [0.94, 0.5], 0xff40a0);
  }
  if (inputs.bool("draw_head", true)) {
    const head = { x: box.x + box.width * 0.4, y: box.y, width: box.width * 0.2, height: box.height * 0.18 };
    fillEllipse(out, size, { to: head, colour: 0xff2040 });
  }
  if (inputs.bool("draw_face", true)) {
    const dot = inputs.int("face_point_size", 3);
    for (const x of [0.46, 0.54]) {
      const to = { x: box.x + box.width * x, y: box.y + box.height * 0.08, width: dot, height: dot };
      fillRect(out, size, { to, colour: 0xffffff });
    }
  }
}

function poseFrames(inputs: Inputs): Frames {
  const figures = inputs.need("keypoints", Figures);
  const { frames } = figures;
  const size = { width: frames.width, height: frames.height };
  return new Frames({
    count: frames.count,
    ...size,
    digest: digestOf(inputs),
    origin: frames.source,
    read: async (index) => {
      const out = new Uint8Array(size.width * size.height * 3);
      drawPose(out, size, { box: await figures.find(index), inputs });
      return out;
    },
  });
}

/** The head's part of each figure box, grown by `scale`. */
function faceBoxes(inputs: Inputs): Figures {
  const figures = inputs.need("keypoints", Figures);
  const scale = inputs.number("scale", 1.5);
  const square = inputs.bool("force_square", true);
  return new Figures(figures.frames, digestOf(inputs), async (index) => {
    const box = await figures.find(index);
    const height = box.height * 0.25 * scale;
    const width = square ? height : box.width * 0.3 * scale;
    return {
      x: box.x + box.width / 2 - width / 2,
      y: box.y + box.height * 0.12 - height / 2,
      width,
      height,
    };
  });
}

function cropFaces(inputs: Inputs): Frames {
  const frames = inputs.frames("image");
  const boxes = inputs.need("bboxes", Figures);
  const size = { width: inputs.int("output_width"), height: inputs.int("output_height") };
  const padding = inputs.int("padding", 0);
  const pad = inputs.text("keep_aspect", "stretch") === "pad";
  return new Frames({
    count: frames.count,
    ...size,
    digest: digestOf(inputs),
    origin: frames.source,
    read: async (index) => {
      const found = await boxes.find(clampIndex(index, boxes.frames.count));
      const x = Math.min(frames.width - 1, Math.max(0, Math.floor(found.x - padding)));
      const y = Math.min(frames.height - 1, Math.max(0, Math.floor(found.y - padding)));
      const width = Math.max(1, Math.min(frames.width - x, Math.ceil(found.width + 2 * padding)));
      const height = Math.max(1, Math.min(frames.height - y, Math.ceil(found.height + 2 * padding)));
      const part = { x, y, width, height };
      const rgb = await frames.get(index);
      if (!pad) return scaleArea(rgb, { from: frames, part, to: size, depth: 3 }).slice();
      const fit = Math.min(size.width / width, size.height / height);
      const inner = {
        width: Math.max(1, Math.round(width * fit)),
        height: Math.max(1, Math.round(height * fit)),
      };
      const out = new Uint8Array(size.width * size.height * 3);
      const picture = { ...inner, rgb: scaleArea(rgb, { from: frames, part, to: inner, depth: 3 }) };
      const to = { x: (size.width - inner.width) >> 1, y: (size.height - inner.height) >> 1, ...inner };
      drawPicture(out, size, { picture, to });
      return out;
    },
  });
}

/** A mask that is white inside the ellipse that a box holds. */
function ellipse(size: Size, box: Box): Uint8Array {
  const grey = new Uint8Array(size.width * size.height);
  const half = box.height / 2;
  for (let y = Math.max(0, Math.ceil(box.y)); y < Math.min(size.height, box.y + box.height); y++) {
    const share = (y + 0.5 - box.y - half) / half;
    const reach = box.width / 2 * Math.sqrt(Math.max(0, 1 - share * share));
    const middle = box.x + box.width / 2;
    const left = Math.max(0, Math.round(middle - reach));
    const right = Math.min(size.width, Math.round(middle + reach));
    if (right > left) grey.fill(255, y * size.width + left, y * size.width + right);
  }
  return grey;
}

/** An ellipse over the figure: white is the figure. */
function figureMask(figures: Figures, by: string): Mask {
  const { frames } = figures;
  const size = { width: frames.width, height: frames.height };
  return new Mask({
    count: frames.count,
    ...size,
    digest: digest([figures.digest, by]),
    read: async (index) => {
      return ellipse(size, await figures.find(index));
    },
  });
}

export const visionKinds: Record<string, NodeKind> = {
  RTDETR_detect: kind((inputs) => [detect(inputs, "image")]),
  SDPoseKeypointExtractor: kind((inputs) => [keypoints(inputs)]),
  SDPoseDrawKeypoints: kind((inputs) => [poseFrames(inputs)]),
  SDPoseFaceBBoxes: kind((inputs) => [faceBoxes(inputs)]),
  CropByBBoxes: kind((inputs) => [cropFaces(inputs)]),
  SAM3_VideoTrack: kind((inputs) => [detect(inputs, "images")]),
  SAM3_TrackToMask: kind((inputs) => [
    figureMask(inputs.need("track_data", Figures), inputs.text("object_indices", "")),
  ]),
  SAM3_Detect: kind((inputs) => {
    const figures = detect(inputs, "image");
    return [figureMask(figures, "detect"), figures];
  }),
};
