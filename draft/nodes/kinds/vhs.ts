/** VideoHelperSuite: clips and sound with cuts and forced rates, and films saved under `gifs`. */
import type { NodeContext, NodeKind, NodeResult } from "../../contract.ts";
import { pickFrames, scaleFrames } from "../frames.ts";
import { type Inputs, kind } from "../kind.ts";
import { fingerprintOf, inputPath, numbered, saveTarget } from "../naming.ts";
import { Film, refuse, Sound } from "../values.ts";
import { cutSound } from "../wav.ts";
import { openFilm, readSound } from "./media_in.ts";
import { rateOf, writeFilm } from "./media_out.ts";

export async function loadVideo(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const film = await openFilm(inputs.text("video"), context);
  const own = film.rate.num / film.rate.den;
  const forced = inputs.number("force_rate");
  const rate = forced > 0 ? forced : own;
  const skip = inputs.int("skip_first_frames");
  const nth = inputs.int("select_every_nth");
  const cap = inputs.int("frame_load_cap");
  const timed = Math.max(1, Math.round(film.frames.count * rate / own));
  const left = Math.ceil((timed - skip) / nth);
  const count = cap > 0 ? Math.min(cap, left) : left;
  if (count < 1) throw refuse("No frames generated");
  const at = (index: number) =>
    Math.min(film.frames.count - 1, Math.floor((skip + index * nth) * own / rate));
  const picked = pickFrames(film.frames, { count, at, by: ["vhs", rate, skip, nth] });
  const width = inputs.int("custom_width");
  const height = inputs.int("custom_height");
  const to = {
    width: width > 0 ? width : height > 0 ? Math.round(picked.width * height / picked.height) : picked.width,
    height: height > 0
      ? height
      : width > 0
      ? Math.round(picked.height * width / picked.width)
      : picked.height,
  };
  const frames = scaleFrames(picked, { to, crop: "center" });
  const sound = film.sound === null ? null : cutSound(await film.sound(context), {
    startS: skip / rate,
    durationS: count * nth / rate,
  });
  const info = {
    source_fps: own,
    source_frame_count: film.frames.count,
    loaded_fps: rate / nth,
    loaded_frame_count: count,
    loaded_width: to.width,
    loaded_height: to.height,
  };
  return [frames, count, sound, info];
}

async function loadAudio(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const sound = await readSound(inputPath(inputs.text("audio"), context.folders), context);
  const durationS = inputs.number("duration", 0);
  const cut = cutSound(sound, {
    startS: inputs.number("start_time", 0),
    durationS: durationS > 0 ? durationS : sound.durationS,
  });
  return [cut, cut.durationS];
}

/** Forward and back, without showing the turning frames twice. */
function pingPong(count: number): number[] {
  const forward = Array.from({ length: count }, (_, index) => index);
  return [...forward, ...forward.slice(1, -1).reverse()];
}

async function combine(inputs: Inputs, context: NodeContext): Promise<NodeResult> {
  const format = inputs.text("format");
  if (format !== "video/h264-mp4") {
    throw refuse(`The draft renderer writes H.264 in MP4, not ${format}.`);
  }
  const given = inputs.frames("images");
  const order = inputs.bool("pingpong") ? pingPong(given.count) : null;
  const frames = order === null
    ? given
    : pickFrames(given, { count: order.length, at: (index) => order[index] ?? 0, by: "pingpong" });
  const rate = rateOf(inputs.number("frame_rate"));
  const audio = inputs.maybe("audio", Sound);
  const durationS = frames.count * rate.den / rate.num;
  const film = new Film(
    frames,
    rate,
    audio === null ? null : () => Promise.resolve(cutSound(audio, { startS: 0, durationS })),
  );
  const type = inputs.bool("save_output", true) ? "output" : "temp";
  const { width, height } = frames;
  const target = await saveTarget(context, { prefix: inputs.text("filename_prefix"), width, height, type });
  // A film with sound has its own name beside the silent one.
  const name = numbered(target, { ending: audio === null ? ".mp4" : "-audio.mp4" });
  const file = await writeFilm(film, { context, target, name, crf: inputs.number("crf", 19) });
  const gif = { ...file, format, frame_rate: inputs.number("frame_rate") };
  return { outputs: [[type === "output", [name]]], ui: { gifs: [gif] } };
}

export const vhsKinds: Record<string, NodeKind> = {
  VHS_LoadVideo: kind(loadVideo, (inputs, folders) => fingerprintOf(inputs.text("video"), folders)),
  VHS_LoadAudioUpload: kind(loadAudio, (inputs, folders) => fingerprintOf(inputs.text("audio"), folders)),
  VHS_VideoCombine: kind(combine),
};
