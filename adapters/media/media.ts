/** What the studio does with pictures and sound, on either engine. */
import { isHdr, kenBurnsArgs, normaliseArgs, trimArgs } from "@/core/ffmpeg/clips.ts";
import { changeArgs, levelArgs, levelMeasureArgs, readLevels } from "@/core/ffmpeg/finish.ts";
import { frameArgs, posterArgs, thumbnailArgs } from "@/core/ffmpeg/pictures.ts";
import { concatSoundArgs, loudnessArgs, readLoudness, soundArgs } from "@/core/ffmpeg/sounds.ts";
import type { Log, Media } from "@/core/ports.ts";
import { fail, problemOf } from "@/core/problem.ts";
import { countFrames, createBench } from "./bench.ts";
import type { Engine } from "./engine.ts";
import { createFilms } from "./films.ts";
import { createPieces } from "./pieces.ts";
import type { Gate } from "./gate.ts";
import { createStreams } from "./streams.ts";

/**
 * `toneEngine` runs what needs tone mapping where `engine` was built without it.
 * `gate` bounds how many runs there are at a time; probes do not count.
 */
export function createMedia(
  { engine, toneEngine, gate, log }: { engine: Engine; toneEngine: Engine; gate: Gate; log: Log },
): Media {
  const bench = createBench(engine, gate);
  const toneBench = createBench(toneEngine, gate);
  const { probe, make, turnOf } = bench;
  return {
    engine: engine.kind,
    version: engine.version,
    probe,
    async poster({ path, atS, edge, output }, options) {
      try {
        await make(posterArgs({ path, atS, edge, output }), { output, options });
      } catch (error) {
        // A clip that ends before `atS` gives no picture; its first frame does.
        if (atS === 0 || problemOf(error).code !== "media.failed") throw error;
        await make(posterArgs({ path, atS: 0, edge, output }), { output, options });
      }
    },
    async thumbnail({ path, edge, output }, options) {
      const { kind } = await probe(path, options);
      const turn = await turnOf(path);
      await make(thumbnailArgs({ path, edge, still: kind === "image", turn, output }), { output, options });
    },
    trim: (input, options) => make(trimArgs(input), { output: input.output, options }),
    async normalise(input, options) {
      const { video } = await probe(input.path, options);
      if (video === null) throw fail("asset.wrong_kind", { operator: "no picture to normalise" });
      const hdr = isHdr(video.transfer);
      if (hdr && toneEngine !== engine) {
        log.info("tone mapping runs on the wasm engine", { transfer: video.transfer });
      }
      const args = normaliseArgs({ ...input, hdr });
      await (hdr ? toneBench : bench).make(args, { output: input.output, options });
      return await countFrames(bench, { path: input.output, options });
    },
    ...createFilms(bench),
    ...createPieces(bench),
    async frame(input, options) {
      await make(frameArgs(input), { output: input.output, options });
    },
    sound: (input, options) => make(soundArgs(input), { output: input.output, options }),
    concatAudio: (input, options) => {
      const format = input.output.endsWith(".mp3") ? "mp3" : "wav";
      return make(concatSoundArgs({ ...input, format }), { output: input.output, options });
    },
    kenBurns: (input, options) => make(kenBurnsArgs(input), { output: input.output, options }),
    async loudness(path, options) {
      const { log: lines } = await gate(() => engine.run(loudnessArgs(path), options), options?.signal);
      const loudness = readLoudness(lines);
      if (loudness === null) throw fail("media.failed", { operator: "no loudness summary in the log" });
      return loudness;
    },
    async change(input, options) {
      const { audio } = await probe(input.path, options);
      await make(changeArgs({ ...input, hasSound: audio !== null }), { output: input.output, options });
    },
    async level(input, options) {
      const { audio } = await probe(input.path, options);
      if (audio === null) return false;
      const { log: lines } = await gate(
        () => engine.run(levelMeasureArgs(input.path), options),
        options?.signal,
      );
      const levels = readLevels(lines);
      if (levels === null) return false;
      await make(levelArgs({ ...input, levels }), { output: input.output, options });
      return true;
    },
    ...createStreams(bench, gate),
  };
}
