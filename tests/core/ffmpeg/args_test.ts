/** Every argument list as the command line that it is. */
import {
  bodyArgs,
  dissolveArgs,
  joinArgs,
  joinCopyArgs,
  kenBurnsArgs,
  normaliseArgs,
  silenceArgs,
  trimArgs,
} from "@/core/ffmpeg/clips.ts";
import { concatList, samplesOf, secondsText, timescaleOf } from "@/core/ffmpeg/inputs.ts";
import { frameArgs, posterArgs, thumbnailArgs } from "@/core/ffmpeg/pictures.ts";
import { decodeArgs, encodeArgs } from "@/core/ffmpeg/raw.ts";
import { concatSoundArgs, loudnessArgs, samplesArgs, soundArgs } from "@/core/ffmpeg/sounds.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const RATE = { num: 24000, den: 1001 };
const R16 = { num: 16, den: 1 };
const IN = "-protocol_whitelist file,pipe -i /in";
const EVEN = "scale='max(2,trunc(iw*sar/2)*2)':'max(2,trunc(ih/2)*2)',setsar=1";
const X264 = "-c:v libx264 -preset veryfast";
const SOUND = "-c:a aac -b:a 192k -ar 48000 -ac 2";

const ONE_FRAME = "-frames:v 1";
const fit = (edge: number) =>
  `scale='if(gte(iw*sar,ih),min(${edge},iw*sar),-1)':'if(gte(iw*sar,ih),-1,min(${edge},ih))',setsar=1`;

const LINES: [string, string[], string][] = [
  [
    "poster at a time",
    posterArgs({ path: "/in", atS: 2.5, edge: 640, output: "/o.jpg" }),
    `-protocol_whitelist file,pipe -ss 2.5 -i /in -map 0:v:0 ${ONE_FRAME} -vf ${
      fit(640)
    },format=yuvj420p -q:v 3 -huffman default -update 1 -f image2 /o.jpg`,
  ],
  [
    "poster at the start does not seek",
    posterArgs({ path: "/in", atS: 0, edge: 64, output: "/o.jpg" }),
    `${IN} -map 0:v:0 ${ONE_FRAME} -vf ${
      fit(64)
    },format=yuvj420p -q:v 3 -huffman default -update 1 -f image2 /o.jpg`,
  ],
  [
    "thumbnail of a clip looks for a typical frame",
    thumbnailArgs({ path: "/in", edge: 256, still: false, turn: null, output: "/o.webp" }),
    `${IN} -map 0:v:0 ${ONE_FRAME} -vf thumbnail=n=24,${
      fit(256)
    } -c:v libwebp -quality 80 -update 1 -f image2 /o.webp`,
  ],
  [
    "thumbnail of a lying photo turns it",
    thumbnailArgs({ path: "/in", edge: 256, still: true, turn: "transpose=1", output: "/o.webp" }),
    `-protocol_whitelist file,pipe -noautorotate -i /in -map 0:v:0 ${ONE_FRAME} -vf transpose=1,${
      fit(256)
    } -c:v libwebp -quality 80 -update 1 -f image2 /o.webp`,
  ],
  [
    "frame by index",
    frameArgs({ path: "/in", index: 137, output: "/o.png" }),
    `${IN} -map 0:v:0 -vf select=eq(n\\,137) ${ONE_FRAME} -c:v png -update 1 -f image2 /o.png`,
  ],
  [
    "cut by frames",
    trimArgs({ path: "/in", start: 81, frames: 76, rate: RATE, output: "/o.mp4" }),
    `${IN} -map 0:v:0 -an -sn -dn -vf fps=24000/1001:start_time=0,trim=start_frame=81:end_frame=157,setpts=PTS-STARTPTS,${EVEN},format=yuv420p -r 24000/1001 -frames:v 76 ${X264} -crf 16 -pix_fmt yuv420p -video_track_timescale 24000 -movflags +faststart -f mp4 /o.mp4`,
  ],
  [
    "normalise SDR",
    normaliseArgs({ path: "/in", rate: R16, hdr: false, output: "/o.mp4" }),
    `${IN} -map 0:v:0 -an -sn -dn -map_metadata -1 -vf fps=16/1:start_time=0,${EVEN},format=yuv420p -r 16/1 ${X264} -crf 16 -pix_fmt yuv420p -video_track_timescale 16384 -movflags +faststart -f mp4 /o.mp4`,
  ],
  [
    "take the sound away",
    silenceArgs({ path: "/in", copy: true, output: "/o.mp4" }),
    `${IN} -map 0:v:0 -an -sn -dn -c:v copy -f mp4 /o.mp4`,
  ],
  [
    "join under sound",
    joinArgs({
      list: "/l",
      frames: 48,
      rate: R16,
      sound: "/s.wav",
      title: "T",
      comment: "C",
      output: "/o.mp4",
    }),
    `-protocol_whitelist file,pipe -f concat -safe 0 -i /l -protocol_whitelist file,pipe -i /s.wav -map 0:v:0 -map 1:a:0 -af aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo,apad,atrim=end_sample=144000 ${SOUND} -vf settb=1/16,setpts=N,fps=16/1,trim=end_frame=48,${EVEN},format=yuv420p -r 16/1 ${X264} -crf 18 -pix_fmt yuv420p -video_track_timescale 16384 -metadata title=T -metadata comment=C -movflags +faststart -f mp4 /o.mp4`,
  ],
  [
    "join without the frames that clips repeat",
    joinArgs({
      list: "/l",
      keep: [{ first: 0, last: 80 }, { first: 86, last: 161 }],
      frames: 150,
      rate: R16,
      sound: null,
      output: "/o.mp4",
    }),
    `-protocol_whitelist file,pipe -f concat -safe 0 -i /l -map 0:v:0 -an -vf select=between(n\\,0\\,80)+between(n\\,86\\,161),settb=1/16,setpts=N,fps=16/1,trim=end_frame=150,${EVEN},format=yuv420p -r 16/1 ${X264} -crf 18 -pix_fmt yuv420p -video_track_timescale 16384 -movflags +faststart -f mp4 /o.mp4`,
  ],
  [
    "join encoded segments as they are",
    joinCopyArgs({ list: "/l", frames: 30, rate: R16, sound: null, output: "/o.mp4" }),
    "-protocol_whitelist file,pipe -f concat -safe 0 -i /l -map 0:v:0 -an -c:v copy -video_track_timescale 16384 -movflags +faststart -f mp4 /o.mp4",
  ],
  [
    "body of a stretch",
    bodyArgs({ path: "/in", start: 8, frames: 60 }, {
      rate: R16,
      width: 1280,
      height: 720,
      output: "/o.mp4",
    }),
    `${IN} -map 0:v:0 -vf fps=16/1:start_time=0,scale=1280:720:force_original_aspect_ratio=decrease:flags=bicubic,pad=1280:720:-1:-1,setsar=1,format=yuv420p,trim=start_frame=8:end_frame=68,setpts=PTS-STARTPTS -r 16/1 -frames:v 60 ${X264} -crf 18 -pix_fmt yuv420p -video_track_timescale 16384 -an -f mp4 /o.mp4`,
  ],
  [
    "sound cut to the sample",
    soundArgs({ path: "/in", startS: 1.5, durationS: 2, sampleRate: 16000, channels: 1, output: "/o.wav" }),
    `${IN} -map 0:a:0 -vn -sn -dn -map_metadata -1 -af aresample=16000:async=1:first_pts=0,aformat=sample_rates=16000:channel_layouts=mono,atrim=start_sample=24000:end_sample=56000,asetpts=PTS-STARTPTS -c:a pcm_s16le -f wav /o.wav`,
  ],
  [
    "sounds one after another",
    concatSoundArgs({
      paths: ["/a", "/b"],
      gapS: 0.25,
      sampleRate: 48000,
      channels: 2,
      format: "mp3",
      output: "/o.mp3",
    }),
    "-protocol_whitelist file,pipe -i /a -protocol_whitelist file,pipe -i /b -filter_complex [0:a:0]aresample=48000,aformat=sample_fmts=s16:sample_rates=48000:channel_layouts=stereo,apad=pad_len=12000[s0];[1:a:0]aresample=48000,aformat=sample_fmts=s16:sample_rates=48000:channel_layouts=stereo[s1];[s0][s1]concat=n=2:v=0:a=1[out] -map [out] -map_metadata -1 -c:a libmp3lame -b:a 192k -f mp3 /o.mp3",
  ],
  ["loudness", loudnessArgs("/in"), `${IN} -map 0:a:0 -vn -af ebur128=peak=true:framelog=verbose -f null -`],
  [
    "raw samples",
    samplesArgs({ path: "/in", sampleRate: 8000, target: "pipe:1" }),
    `${IN} -map 0:a:0 -vn -ac 1 -ar 8000 -c:a pcm_f32le -f f32le pipe:1`,
  ],
  [
    "raw frames out",
    decodeArgs({ path: "/in", width: 64, height: 36, start: 5, frames: 2, turn: null, target: "pipe:1" }),
    `${IN} -map 0:v:0 -an -vf trim=start_frame=5:end_frame=7,settb=1/25,setpts=N,fps=25,scale=64:36:flags=area,setsar=1,format=rgb24 -r 25 -c:v rawvideo -f rawvideo pipe:1`,
  ],
  [
    "raw frames in",
    encodeArgs({
      source: "pipe:0",
      width: 64,
      height: 36,
      rate: R16,
      crf: 20,
      comment: "C",
      format: "mp4",
      output: "/o.mp4",
    }),
    `-f rawvideo -pixel_format rgb24 -video_size 64x36 -framerate 16/1 -i pipe:0 -map 0:v:0 -vf scale='trunc(iw/2)*2':'trunc(ih/2)*2':out_color_matrix=bt709:out_range=tv,format=yuv420p -an ${X264} -crf 20 -pix_fmt yuv420p -video_track_timescale 16384 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -metadata comment=C -movflags +faststart -f mp4 /o.mp4`,
  ],
];

for (const [what, args, line] of LINES) {
  Deno.test(`argument list: ${what}`, () => assertEquals(args.join(" "), line));
}

Deno.test("only HDR clips are tone mapped, before their size and format are set", () => {
  const filters = normaliseArgs({ path: "/in", rate: R16, framesMax: 9, hdr: true, output: "/o.mp4" }).join(
    " ",
  );
  assert(filters.includes("start_time=0,tpad=stop_mode=clone:stop=-1,zscale=t=linear:npl=100,"));
  assert(filters.includes("tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,scale="));
  assert(filters.includes("-frames:v 9"));
});

Deno.test("a dissolve lasts as long as its frames", () => {
  const from = { path: "/a", start: 50, frames: 8 };
  const to = { path: "/b", start: 0, frames: 8 };
  const line = dissolveArgs({ from, to }, { rate: R16, width: 640, height: 640, output: "/o.mp4" }).join(" ");
  assert(line.includes("trim=start_frame=50:end_frame=58"));
  assert(line.includes("xfade=transition=fade:duration=0.500000:offset=0"));
  assert(line.includes("-frames:v 8"));
});

Deno.test("a still is scaled once, to the largest size its move needs", () => {
  const views = { from: { zoom: 1, x: 0.5, y: 0.5 }, to: { zoom: 1.2, x: 1, y: 0 } };
  const line = kenBurnsArgs({
    path: "/in",
    frames: 240,
    rate: R16,
    width: 1280,
    height: 720,
    ...views,
    output: "/o",
  }).join(" ");
  assert(line.includes("scale=1536:864:force_original_aspect_ratio=increase:flags=lanczos,crop=1536:864"));
  assert(line.includes("loop=loop=-1:size=1,fps=16/1,perspective=x0='st(1,clip((on-1)/239,0,1))"));
  assert(!line.includes("zoompan"));
});

Deno.test("no list of arguments asks for a shell, a network or an option that newer versions dropped", () => {
  for (const [what, args] of LINES) {
    assert(!args.some((arg) => /^-vsync$|https?:|\$\(|`/.test(arg)), what);
    assert(
      args.filter((arg) => arg === "-i").length <=
        args.filter((arg) => /whitelist|-pixel_format/.test(arg)).length,
      what,
    );
  }
});

Deno.test("a concat list survives quotes in paths", () => {
  assertEquals(concatList(["/a b", "/it's"]), "ffconcat version 1.0\nfile '/a b'\nfile '/it'\\''s'\n");
});

Deno.test("time is counted without drift", () => {
  assertEquals(samplesOf(24000, { rate: RATE, sampleRate: 48000 }), 48_048_000);
  assertEquals([timescaleOf(R16), timescaleOf(RATE), timescaleOf({ num: 30, den: 1 })], [
    16384,
    24000,
    15360,
  ]);
  assertEquals([secondsText(2), secondsText(0.1 + 0.2), secondsText(1e-7)], ["2", "0.3", "0"]);
});
