/** The values that travel along the links of a draft graph: pictures, masks, latents, sound and named handles. */
import type { FrameRate } from "@/core/media.ts";
import type { NodeContext } from "../contract.ts";
import { fail, type StudioError } from "@/core/problem.ts";
import type { Shot } from "./shot.ts";

/** The error of a node that cannot run; the server shows it as `execution_error`. */
export function refuse(text: string, cause?: unknown): StudioError {
  const error = fail("comfy.execution", { operator: text }, cause);
  // ComfyUI shows the bare sentence as `exception_message`.
  error.message = text;
  return error;
}

/** How many computed frames a sequence keeps: neighbours in a graph read the same frame one after the other. */
const KEPT = 2;

export interface SequenceOptions {
  count: number;
  width: number;
  height: number;
  /** Changes whenever the content may change. */
  digest: string;
  read: (index: number) => Promise<Uint8Array>;
}

/** Frames that are made when asked for. What `get` gives is shared: nobody writes into it. */
abstract class Sequence {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly digest: string;
  readonly #read: (index: number) => Promise<Uint8Array>;
  readonly #kept = new Map<number, Promise<Uint8Array>>();

  constructor(options: SequenceOptions) {
    if (options.count < 1) throw refuse("A batch of pictures needs at least one.");
    this.count = options.count;
    this.width = options.width;
    this.height = options.height;
    this.digest = options.digest;
    this.#read = options.read;
  }

  /** Frame by index from 0; throws for an index outside. */
  get(index: number): Promise<Uint8Array> {
    if (index < 0 || index >= this.count) {
      return Promise.reject(refuse(`Frame ${index} of ${this.count} was asked for.`));
    }
    const known = this.#kept.get(index);
    if (known !== undefined) return known;
    const made = this.#read(index);
    made.catch(() => this.#kept.delete(index));
    this.#kept.set(index, made);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(old);
    }
    return made;
  }
}

/** IMAGE: rgb24 frames. */
export class Frames extends Sequence {
  /** The frames this was derived from one to one: a pose drawing still knows the clip that it was read from. */
  readonly origin: Frames | null;

  constructor(options: SequenceOptions & { origin?: Frames | null }) {
    super(options);
    this.origin = options.origin ?? null;
  }

  /** The clip behind all one-to-one steps. */
  get source(): Frames {
    return this.origin ?? this;
  }
}

/** MASK: one byte per pixel, 255 is "inside". */
export class Mask extends Sequence {}

export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** LATENT: per latent frame a shot, and the small pictures that the shots name. */
export class Latent {
  constructor(
    readonly layout: {
      /** Size of the decoded frames in pixels. */
      width: number;
      height: number;
      /** Pixel frames per latent frame: 4 for Wan, 8 for LTX, 1 for stills. */
      stride: number;
      /** Latent frames at the end that only guide the sampler and are cropped afterwards. */
      guides?: number;
    },
    readonly shots: Shot[],
    readonly pictures: ReadonlyMap<string, Picture>,
  ) {}

  /** A causal video model decodes the first latent frame to one frame and each other to `stride`. */
  get frameCount(): number {
    return this.layout.stride * (this.shots.length - 1) + 1;
  }

  with(shots: Shot[]): Latent {
    return new Latent(this.layout, shots, this.pictures);
  }
}

/** CONDITIONING: a prompt, and the scene that a conditioning node laid into it. */
export class Conditioning {
  constructor(
    readonly text: string,
    readonly digest: string,
    readonly scene: Latent | null,
    /** Frames per second that the model is told, where it is told. */
    readonly rate: number | null = null,
  ) {}
}

/** What a model was given to make pictures by. */
export interface Traits {
  /** The picture of whom the model paints. */
  likeness?: Frames;
  /** From this many frames on, the last one leads into the first. */
  closesFrom?: number;
}

/** MODEL, CLIP, VAE and other loaded things: a draft needs to know that two of them differ, and what a model was given. */
export class Handle {
  constructor(
    readonly kind: string,
    readonly digest: string,
    readonly stride: number = 1,
    readonly traits: Traits = {},
  ) {}

  /** The same thing changed by a node. */
  changed(by: unknown, traits: Traits = {}): Handle {
    const all = { ...this.traits, ...traits };
    return new Handle(this.kind, `${this.digest}+${JSON.stringify(by)}`, this.stride, all);
  }
}

/** AUDIO: interleaved 16-bit samples. */
export class Sound {
  constructor(readonly sampleRate: number, readonly channels: number, readonly samples: Int16Array) {}

  get durationS(): number {
    return this.samples.length / this.channels / this.sampleRate;
  }
}

/** LATENT of a sound: what was given or made, and whether a sampler may change it. */
export class AudioLatent {
  constructor(
    readonly sound: Sound | null,
    readonly durationS: number,
    readonly fixed: boolean,
    readonly digest: string,
  ) {}
}

/** LATENT of picture and sound together. */
export class AvLatent {
  constructor(readonly video: Latent, readonly audio: AudioLatent) {}
}

/** AUDIO_ENCODER_OUTPUT: loudness of each sixteenth of a second, 0 to 1. */
export class Voice {
  constructor(readonly levels: Float32Array, readonly digest: string) {}
}

/** VIDEO: frames, rate, and the way to its sound. */
export class Film {
  constructor(
    readonly frames: Frames,
    readonly rate: FrameRate,
    /** Reads the sound within the prompt that asks: the one that opened the film may long be over. */
    readonly sound: ((context: NodeContext) => Promise<Sound>) | null,
  ) {}
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** BOUNDING_BOX, POSE_KEYPOINT and SAM3_TRACK_DATA: where the figure is, per frame, in pixels of the frames it was found in. */
export class Figures {
  constructor(
    readonly frames: Frames,
    readonly digest: string,
    readonly find: (index: number) => Promise<Box>,
  ) {}
}
