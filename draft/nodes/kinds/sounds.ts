/** Sound: cutting, joining, mixing, silence, volume. */
import type { NodeKind } from "../../contract.ts";
import { kind } from "../kind.ts";
import { Sound } from "../values.ts";
import { cutSound, joinSounds, mixSounds } from "../wav.ts";

export const soundKinds: Record<string, NodeKind> = {
  TrimAudioDuration: kind((inputs) => [
    cutSound(inputs.sound("audio"), {
      startS: inputs.number("start_index", 0),
      durationS: inputs.number("duration"),
    }),
  ]),
  AudioConcat: kind((inputs) => {
    const [first, second] = [inputs.sound("audio1"), inputs.sound("audio2")];
    return [
      inputs.text("direction", "after") === "before" ? joinSounds(second, first) : joinSounds(first, second),
    ];
  }),
  AudioMerge: kind((inputs) => [
    mixSounds(inputs.sound("audio1"), {
      second: inputs.sound("audio2"),
      method: inputs.text("merge_method"),
    }),
  ]),
  AudioAdjustVolume: kind((inputs) => {
    const sound = inputs.sound("audio");
    // The volume is in decibels.
    const factor = 10 ** (inputs.number("volume") / 20);
    const samples = sound.samples.map((value) =>
      Math.max(-32768, Math.min(32767, Math.round(value * factor)))
    );
    return [new Sound(sound.sampleRate, sound.channels, samples)];
  }),
  EmptyAudio: kind((inputs) => {
    const sampleRate = inputs.int("sample_rate", 44100);
    const channels = inputs.int("channels", 2);
    const count = Math.round(inputs.number("duration") * sampleRate) * channels;
    return [new Sound(sampleRate, channels, new Int16Array(count))];
  }),
};
