/** Sound as numbers: WAV and FLAC files in and out, cutting, joining, mixing, loudness. */
import { refuse, Sound } from "./values.ts";

/** A 16-bit PCM WAV. */
export function writeWav(sound: Sound): Uint8Array {
  const { samples, channels, sampleRate } = sound;
  const bytes = samples.length * 2;
  const out = new Uint8Array(44 + bytes);
  const view = new DataView(out.buffer);
  const text = (at: number, word: string) => out.set(new TextEncoder().encode(word), at);
  text(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, bytes, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(44 + i * 2, samples[i]!, true);
  return out;
}

/** Reads a PCM WAV of 16-bit integers or 32-bit floats. */
export function readWav(file: Uint8Array): Sound {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || word(0) !== "RIFF") throw refuse("The sound is not a WAV file.");
  let format = { kind: 0, channels: 0, rate: 0, bits: 0 };
  for (let at = 12; at + 8 <= file.length;) {
    const name = word(at);
    // A writer that streams cannot know the length: what is there counts.
    const length = Math.min(view.getUint32(at + 4, true), file.length - at - 8);
    const start = at + 8;
    if (name === "fmt ") {
      const kind = view.getUint16(start, true);
      format = {
        kind: kind === 0xfffe && length >= 26 ? view.getUint16(start + 24, true) : kind,
        channels: view.getUint16(start + 2, true),
        rate: view.getUint32(start + 4, true),
        bits: view.getUint16(start + 14, true),
      };
    } else if (name === "data") return readSamples(view, { ...format, start, length });
    at = start + length + (length & 1);
  }
  throw refuse("The sound holds no samples.");
}

function readSamples(
  view: DataView,
  data: { kind: number; channels: number; rate: number; bits: number; start: number; length: number },
): Sound {
  const { start, length } = data;
  if (data.kind === 1 && data.bits === 16) {
    const samples = new Int16Array(length >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(start + i * 2, true);
    return new Sound(data.rate, data.channels, samples);
  }
  if (data.kind === 3 && data.bits === 32) {
    const samples = new Int16Array(length >> 2);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = Math.max(
        -32768,
        Math.min(32767, Math.round(view.getFloat32(start + i * 4, true) * 32768)),
      );
    }
    return new Sound(data.rate, data.channels, samples);
  }
  throw refuse("The sound is in a form that cannot be read.");
}

/** From `startS` for `durationS`; a negative start counts from the end. */
export function cutSound(sound: Sound, options: { startS: number; durationS: number }): Sound {
  const { sampleRate, channels } = sound;
  const total = sound.samples.length / channels;
  const start = Math.round(
    (options.startS < 0 ? sound.durationS + options.startS : options.startS) * sampleRate,
  );
  const from = Math.min(total, Math.max(0, start));
  const to = Math.min(total, from + Math.round(options.durationS * sampleRate));
  return new Sound(sampleRate, channels, sound.samples.slice(from * channels, to * channels));
}

/** The same sound at another rate and number of channels, by linear interpolation. */
export function convertSound(sound: Sound, to: { sampleRate: number; channels: number }): Sound {
  if (sound.sampleRate === to.sampleRate && sound.channels === to.channels) return sound;
  const frames = sound.samples.length / sound.channels;
  const count = Math.round(frames * to.sampleRate / sound.sampleRate);
  const out = new Int16Array(count * to.channels);
  for (let i = 0; i < count; i++) {
    const at = Math.min(frames - 1, i * sound.sampleRate / to.sampleRate);
    const low = Math.floor(at);
    const high = Math.min(frames - 1, low + 1);
    for (let c = 0; c < to.channels; c++) {
      const channel = Math.min(c, sound.channels - 1);
      const a = sound.samples[low * sound.channels + channel]!;
      const b = sound.samples[high * sound.channels + channel]!;
      out[i * to.channels + c] = Math.round(a + (b - a) * (at - low));
    }
  }
  return new Sound(to.sampleRate, to.channels, out);
}

export function joinSounds(first: Sound, second: Sound): Sound {
  const fitted = convertSound(second, first);
  const samples = new Int16Array(first.samples.length + fitted.samples.length);
  samples.set(first.samples);
  samples.set(fitted.samples, first.samples.length);
  return new Sound(first.sampleRate, first.channels, samples);
}

/** Mixes the second into the first; the first decides the length. */
export function mixSounds(first: Sound, options: { second: Sound; method: string }): Sound {
  const other = convertSound(options.second, first).samples;
  const samples = first.samples.map((a, i) => {
    const b = other[i] ?? 0;
    const mixed = options.method === "subtract"
      ? a - b
      : options.method === "multiply"
      ? a * b / 32768
      : options.method === "mean"
      ? (a + b) / 2
      : a + b;
    return Math.max(-32768, Math.min(32767, Math.round(mixed)));
  });
  return new Sound(first.sampleRate, first.channels, samples);
}

/** RMS of each `1/rate` second over all channels, full scale 1; the last window may be short. */
export function loudnessOf(sound: Sound, rate: number): Float32Array {
  const total = sound.samples.length / sound.channels;
  const windows = Math.ceil(total * rate / sound.sampleRate);
  const levels = new Float32Array(windows);
  for (let w = 0; w < windows; w++) {
    const from = Math.round(w * sound.sampleRate / rate) * sound.channels;
    const to = Math.min(sound.samples.length, Math.round((w + 1) * sound.sampleRate / rate) * sound.channels);
    let sum = 0;
    for (let i = from; i < to; i++) sum += (sound.samples[i]! / 32768) ** 2;
    levels[w] = to > from ? Math.sqrt(sum / (to - from)) : 0;
  }
  return levels;
}
