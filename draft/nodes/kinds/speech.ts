/** Wan S2V: a picture that speaks, in chunks of twenty latent frames, eighty frames, five seconds. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { clampIndex } from "../frames.ts";
import { digest, hashBytes } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { type Moment, tailColours } from "../paint.ts";
import type { Size } from "../pixels.ts";
import {
  addPlate,
  blankShot,
  type Carried,
  carryFrames,
  digestOfInput,
  emptyLatent,
  insetPicture,
  NOTHING_CARRIED,
  withScene,
} from "../scene.ts";
import { Album, type Beat, codeOf, lastBeat, type Shot, STILL } from "../shot.ts";
import { Frames, Latent, Voice } from "../values.ts";
import { loudnessOf } from "../wav.ts";

/** Frames per second of S2V, and so windows of loudness per second. */
const RATE = 16;

/** Latent frames of the past that an extension looks at. */
const CONTEXT = 19;

function encodeVoice(inputs: Inputs): Voice {
  const sound = inputs.sound("audio");
  const bytes = new Uint8Array(sound.samples.buffer, sound.samples.byteOffset, sound.samples.byteLength);
  const by = digest([inputs.handle("audio_encoder").digest, sound.sampleRate, hashBytes(bytes)]);
  return new Voice(loudnessOf(sound, RATE), by);
}

/** One shot per latent frame, four frames each: latent frame j of the film covers the sixteenths 4j to 4j + 3. */
async function speak(
  inputs: Inputs,
  options: { size: Size; offset: number; carried: Carried; context: NodeContext },
): Promise<unknown[]> {
  const { size, offset, carried, context } = options;
  const latents = Math.floor((inputs.int("length") - 1) / 4) + 1;
  const voice = inputs.maybe("audio_encoder_output", Voice);
  const control = inputs.maybe("control_video", Frames);
  const album = new Album();
  const beats: Beat[] = [];
  for (let i = 0; i < latents * 4; i++) {
    context.signal.throwIfAborted();
    const index = offset * 4 + i;
    // A voice that ended before this chunk gives it no sound conditioning at all.
    const heard = voice !== null && voice.levels.length > offset * 4;
    const level = heard ? Math.round((voice.levels[index] ?? 0) * 1024) / 1024 : -1;
    // Where a character's mouth is, nobody knows here: a loud voice makes the whole picture grow and rise.
    const loud = Math.max(0, level);
    const beat: Beat = { ...STILL, index, level, y: 0.52 - loud * 0.05, z: 0.8 + loud * 0.1 };
    if (control !== null) {
      const rgb = await control.source.get(clampIndex(i, control.count));
      beat.inset = album.add(insetPicture(rgb, { from: control.source, film: size }));
    }
    beats.push(beat);
  }
  const plate = await addPlate(album, inputs.maybe("ref_image", Frames));
  const seen = ["vae", "audio_encoder_output", "ref_image", "control_video"];
  const blank = blankShot({
    plate,
    carried,
    caption: "VOICE",
    text: inputs.prompt("positive").text,
    digest: digest([inputs.settings(), seen.map((name) => digestOfInput(inputs.raw[name])), carried.digest]),
  });
  const shots = Array.from({ length: latents }, (_, j): Shot => ({
    ...blank,
    beats: beats.slice(j * 4, j * 4 + 4),
  }));
  return [
    withScene(inputs.prompt("positive"), new Latent({ ...size, stride: 4 }, shots, album.pictures)),
    inputs.prompt("negative"),
    emptyLatent({ ...size, stride: 4 }, latents),
  ];
}

/** What an extension sees of the latents so far. */
function carryLatent(latent: Latent): Carried {
  const seen = latent.shots.slice(-CONTEXT);
  const last = seen.at(-1);
  if (last === undefined) return NOTHING_CARRIED;
  const moments = seen.map((shot): Moment => ({ shot, beat: lastBeat(shot) }));
  return { from: codeOf(last, lastBeat(last)), tail: tailColours(latent, moments), digest: digest(seen) };
}

async function startSpeech(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const size = { width: inputs.int("width") & ~7, height: inputs.int("height") & ~7 };
  const motion = inputs.maybe("ref_motion", Frames);
  const count = Math.min(motion?.count ?? 0, 73);
  const carried = motion === null
    ? NOTHING_CARRIED
    : await carryFrames(motion, { start: motion.count - count, count });
  return speak(inputs, { size, offset: 0, carried, context });
}

function extendSpeech(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const before = inputs.latent("video_latent");
  const size = { width: before.layout.width, height: before.layout.height };
  return speak(inputs, { size, offset: before.shots.length, carried: carryLatent(before), context });
}

export const speechKinds: Record<string, NodeKind> = {
  AudioEncoderEncode: kind((inputs) => [encodeVoice(inputs)]),
  WanSoundImageToVideo: kind(startSpeech),
  WanSoundImageToVideoExtend: kind(extendSpeech),
};
