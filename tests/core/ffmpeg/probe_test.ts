/** What ffprobe says becomes what the studio says. */
import { readOrientation, swapsSides, turnFilter } from "@/core/ffmpeg/orientation.ts";
import { readProbe } from "@/core/ffmpeg/probe.ts";
import { readLoudness } from "@/core/ffmpeg/sounds.ts";
import { createEnvelope } from "@/core/ffmpeg/waveform.ts";
import type { Probe } from "@/core/media.ts";
import { assertEquals } from "@/tests/assert.ts";

const PICTURE = {
  codec_type: "video",
  codec_name: "h264",
  width: 1920,
  height: 1080,
  pix_fmt: "yuv420p",
  r_frame_rate: "30/1",
  avg_frame_rate: "30/1",
  nb_frames: "90",
};
const FORMAT = {
  format_name: "mov,mp4,m4a,3gp,3g2,mj2",
  duration: "3.000000",
  tags: { major_brand: "isom" },
};

function probe(streams: object[], format: object = FORMAT): Probe {
  const read = readProbe(JSON.stringify({ streams, format }));
  if (!read.ok) throw new Error(read.problem[0]?.operator);
  return read.value;
}

Deno.test("a picture on its side is shown upright", () => {
  const turned = (rotation: number) => probe([{ ...PICTURE, side_data_list: [{ rotation }] }]).video;
  for (
    const [rotation, clockwise, width] of [[-90, 90, 1080], [90, 270, 1080], [180, 180, 1920], [
      0,
      0,
      1920,
    ]] as const
  ) {
    assertEquals([turned(rotation)?.rotation, turned(rotation)?.width], [clockwise, width]);
  }
});

Deno.test("pixels that are not square count as they are shown", () => {
  const { video } = probe([{ ...PICTURE, width: 720, height: 576, sample_aspect_ratio: "64:45" }]);
  assertEquals([video?.width, video?.height], [1024, 576]);
});

Deno.test("a variable rate is one whose average is not its base", () => {
  const variable = (average: string, base: string) =>
    probe([{ ...PICTURE, avg_frame_rate: average, r_frame_rate: base }]).video?.variableRate;
  assertEquals(variable("2997/100", "30000/1001"), false);
  assertEquals(variable("25000/989", "30/1"), true);
  assertEquals(variable("0/0", "30/1"), false);
});

Deno.test("what the container does not tell is null, never a guess", () => {
  const { video, durationS } = probe([{
    ...PICTURE,
    nb_frames: undefined,
    avg_frame_rate: "0/0",
    r_frame_rate: "0/0",
  }], {
    format_name: "matroska,webm",
  });
  assertEquals([video?.frames, video?.rate, durationS, video?.transfer], [null, null, null, ""]);
});

Deno.test("a cover picture does not make a song a film", () => {
  const cover = { ...PICTURE, codec_name: "mjpeg", disposition: { attached_pic: 1 } };
  const sound = {
    codec_type: "audio",
    codec_name: "mp3",
    sample_rate: "44100",
    channels: 2,
    duration: "12.5",
  };
  const song = probe([sound, cover], { format_name: "mp3", duration: "12.5" });
  assertEquals([song.kind, song.video, song.container], ["audio", null, "mp3"]);
  assertEquals(song.audio, { codec: "mp3", sampleRate: 44100, channels: 2, durationS: 12.5 });
});

Deno.test("containers go by the name people know", () => {
  const named = (format: object, codec = "h264") =>
    probe([{ ...PICTURE, codec_name: codec }], format).container;
  assertEquals(named({ ...FORMAT, tags: { major_brand: "qt  " } }), "mov");
  assertEquals(named({ format_name: "matroska,webm" }, "vp9"), "webm");
  assertEquals(named({ format_name: "matroska,webm" }), "matroska");
  assertEquals(named({ format_name: "png_pipe" }, "png"), "png");
  assertEquals(named({ format_name: "image2" }, "mjpeg"), "jpeg");
});

Deno.test("an answer without picture and sound is unreadable", () => {
  for (const text of ["", "{}", "no json", '{"streams":[{"codec_type":"data"}]}', '{"streams":7}']) {
    const read = readProbe(text);
    assertEquals(read.ok ? null : read.problem[0]?.code, "asset.unreadable");
  }
});

function exif(orientation: number, little: boolean): Uint8Array {
  const tiff = little
    ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]
    : [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const jfif = [0xff, 0xe0, 0, 4, 0, 0];
  return new Uint8Array([
    0xff,
    0xd8,
    ...jfif,
    0xff,
    0xe1,
    0,
    tiff.length + 8,
    0x45,
    0x78,
    0x69,
    0x66,
    0,
    0,
    ...tiff,
  ]);
}

Deno.test("EXIF orientation is read in both byte orders, and broken blocks count as upright", () => {
  for (const little of [true, false]) {
    for (const orientation of [1, 3, 6, 8]) {
      assertEquals(readOrientation(exif(orientation, little)), orientation);
    }
    assertEquals(readOrientation(exif(9, little)), 1);
    for (let length = 0; length < 40; length++) {
      const value = readOrientation(exif(6, little).subarray(0, length));
      assertEquals(value === 1 || value === 6, true);
    }
  }
  assertEquals(readOrientation(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0, 0, 0])), 1);
  assertEquals([turnFilter(1), turnFilter(6), swapsSides(6), swapsSides(3)], [
    null,
    "transpose=1",
    true,
    false,
  ]);
});

Deno.test("loudness is read from the last summary, and silence is minus infinity", () => {
  const log = ["[p] Summary:", "    I:         -70.0 LUFS", "  Threshold: 0", "    Peak:       -inf dBFS"];
  assertEquals(readLoudness(log), { integrated: -Infinity, truePeak: -Infinity });
  const later = [...log, "[p] Summary:", "    I:         -23.1 LUFS", "    Peak:      -20.0 dBFS"];
  assertEquals(readLoudness(later), { integrated: -23.1, truePeak: -20 });
  assertEquals(readLoudness(["nothing"]), null);
});

Deno.test("a waveform keeps the extremes of each bucket, however the samples arrive", () => {
  const samples = Float32Array.from(
    { length: 1280 },
    (_, index) => index < 640 ? 0.25 : index % 2 ? -0.5 : 0.75,
  );
  const whole = createEnvelope();
  whole.add(samples);
  const parts = createEnvelope();
  for (let at = 0; at < samples.length; at += 37) parts.add(samples.subarray(at, at + 37));
  assertEquals([...whole.buckets(2)], [0.25, 0.25, -0.5, 0.75]);
  assertEquals(parts.buckets(5), whole.buckets(5));
  assertEquals([...createEnvelope().buckets(2)], [0, 0, 0, 0]);
});
