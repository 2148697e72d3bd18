/** Everything the studio asks of the outside world. Adapters fulfil these; tests and the simulation replace them. */
import type { StageShown } from "./comfy/stages.ts";
import type { ClipsToJoin, FilmChange, FrameRate, PiecesToJoin, Probe, SmallCopy } from "./media.ts";
import type { Problem } from "./problem.ts";
import type { Definitions, Graph } from "./template.ts";

/** SHA-256 of bytes as lower-case hex, synchronous. */
export type Hash = (bytes: Uint8Array) => string;

export interface Clock {
  /** Wall clock in milliseconds UTC: for showing and for rows, never for leases (the database's clock decides those). */
  now(): number;
  /** Milliseconds that only rise, unaffected by clock changes. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. Timers do not hold up the end of the process. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Ids {
  /** Time-ordered id for rows. */
  uuid7(): string;
  /** Canonical lower-case UUID for ComfyUI prompts. */
  uuid4(): string;
  /** URL-safe random secret with the given bytes of entropy. */
  token(bytes: number): string;
}

/** Uniform in [0, 1). */
export type Random = () => number;

export type Fields = Record<string, string | number | boolean | null | undefined>;

export interface Log {
  debug(text: string, fields?: Fields): void;
  info(text: string, fields?: Fields): void;
  warn(text: string, fields?: Fields): void;
  error(text: string, fields?: Fields): void;
}

// ---------------------------------------------------------------------------------------------- Storage

/** A file in content-addressed storage; `name` is `{sha256}.{ext}`. */
export interface StoredFile {
  name: string;
  sha256: string;
  ext: string;
  bytes: number;
}

/** Content that was taken in and is nobody's yet. Only `keep` gives it its name, where others may have the same bytes. */
export interface Staged extends StoredFile {
  /** A path that local programs can open, until it is kept or dropped. */
  path: string;
  keep(): Promise<void>;
  drop(): Promise<void>;
}

export interface Scratch {
  /** A folder of its own for one piece of work, on local disk. */
  dir: string;
  path(name: string): string;
  release(): Promise<void>;
}

/** Bytes to be stored; each piece is done with before the next one is asked for. */
export type Content = AsyncIterable<Uint8Array> | Uint8Array;

export interface Storing {
  ext: string;
  bytesMax?: number;
  signal?: AbortSignal;
}

export interface Storage {
  /** Streams to a temporary name, counts and hashes, fsyncs. Throws asset.too_large, storage.full, storage.failed. */
  stage(content: Content, options: Storing): Promise<Staged>;
  /** The same, and renames. */
  put(content: Content, options: Storing): Promise<StoredFile>;
  /** Takes over a local file (moves it where it can). The source is gone afterwards. */
  adopt(path: string, options: { ext: string; signal?: AbortSignal }): Promise<StoredFile>;
  /** Null when it does not exist. */
  stat(name: string): Promise<{ bytes: number } | null>;
  /** Reads `[start, end]` inclusive, or all. Throws storage.missing. */
  read(name: string, range?: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>;
  /** A path that local programs can open; remote storage keeps a local copy. Throws storage.missing. */
  localPath(name: string): Promise<string>;
  /** Reads the content again and compares it with the name. */
  verify(name: string): Promise<boolean>;
  /** Removes a file, unless it was put again since: whoever did that counts on it. False when it stays or is not there. */
  remove(name: string, options: { unlessPutSince: number }): Promise<boolean>;
  list(): AsyncIterable<{ name: string; bytes: number; modifiedAt: number }>;
  scratch(purpose: string): Promise<Scratch>;
  /** Free bytes on the disk that holds temporary files, or null where that is unknown. */
  freeBytes(): Promise<number | null>;
}

// ---------------------------------------------------------------------------------------------- Media

export interface RunOptions {
  signal?: AbortSignal;
  timeLimitMs?: number;
  /** `outTimeS`: seconds of output written so far. */
  onProgress?: (progress: { frame: number; outTimeS: number }) => void;
}

/** One ffmpeg, native or wasm. Both take the same arguments; paths are local files. */
export interface FfmpegEngine {
  readonly kind: "native" | "wasm";
  readonly version: string;
  /** Runs ffmpeg with these arguments. Throws media.failed (last log lines in `operator`), media.timeout, media.cancelled. */
  run(args: string[], options?: RunOptions): Promise<{ log: string[] }>;
  /** Runs ffprobe and returns its JSON text. */
  probe(args: string[], options?: RunOptions): Promise<string>;
}

export interface RawFrames {
  width: number;
  height: number;
  /** rgb24: 3 bytes per pixel, rows top to bottom. */
  frames: AsyncIterable<Uint8Array>;
}

/** Where the window over a still stands. `x` and `y` in [0, 1] share the room that `zoom` (1 or more) leaves; 0.5 is the middle. */
export interface MoveView {
  zoom: number;
  x: number;
  y: number;
}

/** A stretch of a clip in an assembled film; all counts are frames at the film's rate. */
export interface FilmStretch {
  path: string;
  start: number;
  frames: number;
  dissolve: number;
}

/** What the studio does with pictures and sound. Every call takes local paths and writes `output` in full or throws. */
export interface Media {
  readonly engine: "native" | "wasm";
  readonly version: string;
  probe(path: string, options?: RunOptions): Promise<Probe>;
  /** JPEG of the frame at `atS`, at most `edge` pixels on its longer side. */
  poster(
    input: { path: string; atS: number; edge: number; output: string },
    options?: RunOptions,
  ): Promise<void>;
  /** WebP thumbnail of an image or of a video's first interesting frame. */
  thumbnail(input: { path: string; edge: number; output: string }, options?: RunOptions): Promise<void>;
  /** Cuts exactly `frames` frames from frame `start`, re-encoded. */
  trim(
    input: { path: string; start: number; frames: number; rate: FrameRate; output: string },
    options?: RunOptions,
  ): Promise<void>;
  /** Constant rate, upright, SDR, yuv420p, no sound. Returns the number of frames written. */
  normalise(
    input: { path: string; rate: FrameRate; framesMax?: number; output: string },
    options?: RunOptions,
  ): Promise<number>;
  /** Joins clips of one size and rate, cuts to exactly `frames`, lays `sound` under it (cut or padded to the same end). */
  join(
    input: {
      clips: string[];
      /** Frames left out at the start of each clip but the first: what it repeats of the clip before it. Default 0. */
      skip?: number;
      frames: number;
      rate: FrameRate;
      sound: string | null;
      title?: string;
      comment?: string;
      output: string;
    },
    options?: RunOptions,
  ): Promise<void>;
  /** Cuts, corrects and joins pieces of one size, rate and codec without sound in one encode; their frames must be known. */
  joinPieces(input: PiecesToJoin, options?: RunOptions): Promise<void>;
  /** Puts clips that were encoded alike one after the other without encoding them again. */
  joinAlike(input: ClipsToJoin, options?: RunOptions): Promise<void>;
  /** A small copy of some frames that every browser plays, without sound. */
  preview(input: SmallCopy, options?: RunOptions): Promise<void>;
  /** One frame by index as PNG. */
  frame(input: { path: string; index: number; output: string }, options?: RunOptions): Promise<void>;
  /** Sound of any file as WAV, optionally cut. */
  sound(
    input: {
      path: string;
      startS?: number;
      durationS?: number;
      sampleRate: number;
      channels: 1 | 2;
      output: string;
    },
    options?: RunOptions,
  ): Promise<void>;
  /** Sounds one after another, `gapS` of silence between them; WAV or MP3 by the output's ending. */
  concatAudio(
    input: { paths: string[]; gapS?: number; sampleRate: number; channels: 1 | 2; output: string },
    options?: RunOptions,
  ): Promise<void>;
  /** A slow move over a still, without sound. */
  kenBurns(
    input: {
      path: string;
      frames: number;
      rate: FrameRate;
      width: number;
      height: number;
      from: MoveView;
      to: MoveView;
      output: string;
    },
    options?: RunOptions,
  ): Promise<void>;
  /**
   * A film from stretches of clips. `dissolve` counts the frames that a stretch shares with the one before it (0 is a cut),
   * so the film has the sum of all `frames` minus the sum of all `dissolve`. Returns that number.
   */
  assemble(
    input: {
      stretches: FilmStretch[];
      rate: FrameRate;
      width: number;
      height: number;
      sound: string | null;
      title?: string;
      comment?: string;
      output: string;
    },
    options?: RunOptions,
  ): Promise<number>;
  /** A finished film with its picture changed: exactly `frames` frames at `rate`, its sound with it, its words kept. */
  change(
    input: { path: string; change: FilmChange; frames: number; rate: FrameRate; output: string },
    options?: RunOptions,
  ): Promise<void>;
  /** The sound of a film of so many frames brought to −14 LUFS. False, and nothing written, where there is nothing to hear. */
  level(
    input: { path: string; frames: number; rate: FrameRate; output: string },
    options?: RunOptions,
  ): Promise<boolean>;
  /** Min and max per bucket in [-1, 1], interleaved. */
  waveform(input: { path: string; buckets: number }, options?: RunOptions): Promise<Float32Array>;
  /** Integrated loudness in LUFS (EBU R 128) and true peak in dBTP. */
  loudness(path: string, options?: RunOptions): Promise<{ integrated: number; truePeak: number }>;
  /** Decodes to raw frames, scaled to fit `width`×`height` when given. */
  decode(
    input: { path: string; width?: number; height?: number; start?: number; frames?: number },
    options?: RunOptions,
  ): Promise<RawFrames>;
  /** Mono float samples in [-1, 1]. */
  samples(input: { path: string; sampleRate: number }, options?: RunOptions): Promise<Float32Array>;
  /** Encodes raw rgb24 frames to H.264 MP4 (or PNG/WebP by the output's ending), with optional sound. */
  encode(
    input: {
      raw: RawFrames;
      rate: FrameRate;
      sound?: string | null;
      output: string;
      crf?: number;
      comment?: string;
    },
    options?: RunOptions,
  ): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- ComfyUI

/** Where a file lies on a ComfyUI. */
export interface ComfyFile {
  filename: string;
  subfolder: string;
  type: "output" | "temp" | "input";
}

export interface ComfyOutput extends ComfyFile {
  /** Node of the submitted graph, `meta.display_node` for expanded nodes. */
  node: string;
  key: string;
  ord: number;
}

/** The truth about one prompt, by HTTP. */
export type PromptState =
  | { state: "unknown" }
  | { state: "pending" }
  | { state: "running" }
  | { state: "finished"; outputs: ComfyOutput[]; startedAt: number | null; endedAt: number | null }
  | { state: "failed"; problem: Problem }
  | { state: "cancelled" };

/** A hint about one prompt while it runs: never stored, never trusted. */
export interface PromptNews {
  promptId: string;
  kind: "started" | "progress" | "preview" | "ended";
  /** Node that runs now. */
  node?: string;
  /** Share of the whole graph, 0 to 1. */
  share?: number;
  step?: { value: number; max: number };
  preview?: { bytes: Uint8Array; type: "image/jpeg" | "image/png" };
}

export interface ComfyStatus {
  version: string;
  /** Changes when the server restarted since the last look. */
  epoch: number;
  vramTotal: number | null;
  vramFree: number | null;
  ramFree: number | null;
  device: string;
  queueRunning: number;
  queuePending: number;
  uploadMaxBytes: number | null;
  /** Pending work, nothing running, and no event for longer than the limit. */
  stuck: boolean;
}

/** One ComfyUI server. HTTP is the truth, its WebSocket a hint. All calls throw StudioError with `comfy.*` codes. */
export interface Comfy {
  /** `cancelled` means that this client asked for it; an end that somebody else asked for is a failure, comfy.interrupted. */
  find(promptId: string, signal?: AbortSignal): Promise<PromptState>;
  /** Asks first and sends a known prompt never again. Every save prefix must carry the prompt id (else template.bind_failed). Throws comfy.rejected (also for 200 with node errors, after cancelling), comfy.too_large, comfy.unreachable, comfy.proxy. */
  submit(promptId: string, graph: Graph, signal?: AbortSignal): Promise<void>;
  /** Asks for the end of one prompt, pending or running. Never touches another one. True when it is gone or ended. */
  stop(promptId: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Resolves when it is worth looking again: a start or end event, a poll interval, a lost socket. Delivers news meanwhile; a
   * start or end that fell between two waits is told at the next. Rejects with the signal's reason.
   */
  wait(
    promptId: string,
    options: { signal: AbortSignal; onNews?: (news: PromptNews) => void },
  ): Promise<void>;
  /** Uploads under `{subfolder}/{sha256}.{ext}`; returns what a loader node takes. Re-uploads are free. */
  upload(
    file: { name: string; bytes: number; open: () => Promise<ReadableStream<Uint8Array>> },
    signal?: AbortSignal,
  ): Promise<string>;
  /** Streams an output with Range resume and length check. Throws comfy.output_missing. */
  download(file: ComfyFile, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  exists(file: ComfyFile, signal?: AbortSignal): Promise<boolean>;
  /** Definitions of these classes; a class the server lacks is left out. Cached; `fresh` asks again. */
  definitions(classes: string[], options?: { fresh?: boolean; signal?: AbortSignal }): Promise<Definitions>;
  status(signal?: AbortSignal): Promise<ComfyStatus>;
  /** Flags models for unloading and frees memory. */
  free(signal?: AbortSignal): Promise<void>;
  /** Contents of the server's queue, prompt ids only. */
  queue(signal?: AbortSignal): Promise<{ running: string[]; pending: string[] }>;
  /** Closes the socket and stops everything this client started. */
  close(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- Wake-ups and progress

/** Wake-ups only carry an actor id; losing, doubling or reordering them changes latency and nothing else. */
export interface WakeBus {
  hint(actors: string[]): void;
  onHint(wake: (actor: string) => void): void;
  close(): Promise<void>;
}

/** Progress of one job: never stored, latest value wins. */
export interface Progress {
  jobId: string;
  userId: string;
  run: number;
  /** 0 to 1 over the whole job; never falls within a run. */
  share: number;
  stage: string;
  step?: { id: string; title: string; share: number };
  /** Where a render is in its graph; nothing before and after it, and while other work is done. */
  at?: StageShown | null;
  etaS: number | null;
  preview?: { revision: number; bytes: Uint8Array; type: string };
}

export interface ProgressBus {
  publish(progress: Progress): void;
  /** Returns the way to stop listening. */
  listen(userId: string, hear: (progress: Progress) => void): () => void;
  latest(jobId: string): Progress | undefined;
}

// ---------------------------------------------------------------------------------------------- Local work

export type LocalValue = string | number | boolean | { path: string } | { paths: string[] };

/** Runs the local operations of a plan: the names of `op` are the registry's keys. */
export type LocalWork = (
  op: string,
  input: {
    values: Record<string, LocalValue>;
    scratch: Scratch;
    signal: AbortSignal;
    onProgress: (share: number) => void;
  },
) => Promise<{ files: { role: string; path: string; ext: string }[]; facts: Record<string, unknown> }>;
