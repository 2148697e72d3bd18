/** Writes FLAC files without any program: lossless and uncompressed, which every player reads. */
import type { Sound } from "./values.ts";

const BLOCK = 4096;

function crc8(data: Uint8Array): number {
  let crc = 0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? (crc << 1 ^ 0x07) & 255 : crc << 1;
  }
  return crc;
}

const CRC16 = Uint16Array.from({ length: 256 }, (_, n) => {
  let crc = n << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? crc << 1 ^ 0x8005 : crc << 1;
  return crc & 0xffff;
});

/** Frame numbers are written like UTF-8. */
function codePoint(value: number): number[] {
  if (value < 0x80) return [value];
  if (value < 0x800) return [0xc0 | value >> 6, 0x80 | value & 63];
  if (value < 0x10000) return [0xe0 | value >> 12, 0x80 | value >> 6 & 63, 0x80 | value & 63];
  return [0xf0 | value >> 18, 0x80 | value >> 12 & 63, 0x80 | value >> 6 & 63, 0x80 | value & 63];
}

function frameOf(sound: Sound, number: number): Uint8Array {
  const { channels, samples } = sound;
  const start = number * BLOCK;
  const count = Math.min(BLOCK, samples.length / channels - start);
  // Block size from the 16 bits behind the header, rate from the stream, 16 bits per sample.
  const head = [0xff, 0xf8, 0x70, (channels - 1) << 4 | 0x08, ...codePoint(number)];
  head.push((count - 1) >> 8, (count - 1) & 255);
  head.push(crc8(Uint8Array.from(head)));
  const out = new Uint8Array(head.length + channels * (1 + count * 2) + 2);
  const view = new DataView(out.buffer);
  out.set(head);
  let at = head.length;
  for (let channel = 0; channel < channels; channel++) {
    out[at++] = 0x02;
    for (let i = 0; i < count; i++, at += 2) view.setInt16(at, samples[(start + i) * channels + channel]!);
  }
  let crc = 0;
  for (let i = 0; i < at; i++) crc = (crc << 8 ^ CRC16[crc >> 8 ^ out[i]!]!) & 0xffff;
  view.setUint16(at, crc);
  return out;
}

/** A FLAC stream of at most eight channels with verbatim blocks. */
export function writeFlac(sound: Sound): Uint8Array {
  const total = sound.samples.length / sound.channels;
  const head = new Uint8Array(42);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("fLaC"));
  head.set([0x80, 0, 0, 34], 4);
  view.setUint16(8, BLOCK);
  view.setUint16(10, BLOCK);
  // Rate in 20 bits, channels − 1 in 3, bits − 1 in 5, samples in 36; the checksum of the samples stays unknown.
  view.setUint32(18, (sound.sampleRate << 12 | (sound.channels - 1) << 9 | 15 << 4) >>> 0);
  view.setUint32(22, total >>> 0);
  const frames = Array.from({ length: Math.ceil(total / BLOCK) }, (_, number) => frameOf(sound, number));
  const file = new Uint8Array(42 + frames.reduce((sum, frame) => sum + frame.length, 0));
  file.set(head);
  let at = 42;
  for (const frame of frames) {
    file.set(frame, at);
    at += frame.length;
  }
  return file;
}
