/** Graphs of the draft node tests: one chunk of Animate, one of speech, a card; each with values that tests change. */
import type { Nodes } from "./studio.ts";

/** Models, prompts and sampler that all graphs share. */
function shared(): Nodes {
  return {
    unet: { class_type: "UNETLoader", inputs: { unet_name: "wan.safetensors", weight_dtype: "default" } },
    lora: {
      class_type: "LoraLoaderModelOnly",
      inputs: { model: ["unet", 0], lora_name: "speed.safetensors", strength_model: 1 },
    },
    shift: { class_type: "ModelSamplingSD3", inputs: { model: ["lora", 0], shift: 8 } },
    clip: { class_type: "CLIPLoader", inputs: { clip_name: "umt5.safetensors", type: "wan" } },
    vae: { class_type: "VAELoader", inputs: { vae_name: "wan_2.1_vae.safetensors" } },
    pos: { class_type: "CLIPTextEncode", inputs: { text: "a dancer in the rain", clip: ["clip", 0] } },
    neg: { class_type: "CLIPTextEncode", inputs: { text: "blurry", clip: ["clip", 0] } },
  };
}

function sampler(from: string): Nodes[string] {
  return {
    class_type: "KSampler",
    inputs: {
      model: ["shift", 0],
      seed: 42,
      steps: 2,
      cfg: 1,
      sampler_name: "euler",
      scheduler: "simple",
      positive: [from, 0],
      negative: [from, 1],
      latent_image: [from, 2],
      denoise: 1,
    },
  };
}

/** One Animate chunk: `dec` holds the decoded frames, `new` those without the overlap. `mix` adds mask and background. */
export function animate(options: { size: number; length: number; offset?: number; mix?: boolean }): Nodes {
  const { size, length, offset = 0, mix = false } = options;
  const graph: Nodes = {
    ...shared(),
    ref: { class_type: "LoadImage", inputs: { image: "character.png" } },
    drive: { class_type: "LoadVideo", inputs: { file: "drive.mp4" } },
    comp: { class_type: "GetVideoComponents", inputs: { video: ["drive", 0] } },
    scaled: {
      class_type: "ImageScale",
      inputs: { image: ["comp", 0], upscale_method: "lanczos", width: size, height: size, crop: "center" },
    },
    kp: { class_type: "SDPoseKeypointExtractor", inputs: { image: ["scaled", 0], batch_size: 16 } },
    pose: { class_type: "SDPoseDrawKeypoints", inputs: { keypoints: ["kp", 0], draw_body: true } },
    cond: {
      class_type: "WanAnimateToVideo",
      inputs: {
        positive: ["pos", 0],
        negative: ["neg", 0],
        vae: ["vae", 0],
        reference_image: ["ref", 0],
        pose_video: ["pose", 0],
        width: size,
        height: size,
        length,
        batch_size: 1,
        continue_motion_max_frames: 5,
        video_frame_offset: offset,
      },
    },
    ks: sampler("cond"),
    trim: { class_type: "TrimVideoLatent", inputs: { samples: ["ks", 0], trim_amount: ["cond", 3] } },
    dec: { class_type: "VAEDecode", inputs: { samples: ["trim", 0], vae: ["vae", 0] } },
    new: {
      class_type: "ImageFromBatch",
      inputs: { image: ["dec", 0], batch_index: ["cond", 4], length: 4096 },
    },
  };
  if (!mix) return graph;
  graph.track = {
    class_type: "SAM3_VideoTrack",
    inputs: { images: ["scaled", 0], detection_threshold: 0.5, max_objects: 1, detect_interval: 1 },
  };
  graph.mask0 = { class_type: "SAM3_TrackToMask", inputs: { track_data: ["track", 0], object_indices: "" } };
  graph.mask = { class_type: "GrowMask", inputs: { mask: ["mask0", 0], expand: 4, tapered_corners: true } };
  graph.black = { class_type: "EmptyImage", inputs: { width: size, height: size, batch_size: 1, color: 0 } };
  graph.bg = {
    class_type: "ImageCompositeMasked",
    inputs: {
      destination: ["scaled", 0],
      source: ["black", 0],
      x: 0,
      y: 0,
      resize_source: true,
      mask: ["mask", 0],
    },
  };
  Object.assign(graph.cond!.inputs, { background_video: ["bg", 0], character_mask: ["mask", 0] });
  return graph;
}

/** The chunk after an Animate chunk of the same graph: names end in 1, `continue_motion` is what `tail` names. */
export function continued(graph: Nodes, tail: unknown): Nodes {
  const copy = (id: string) => structuredClone(graph[id]!);
  const cond = copy("cond");
  Object.assign(cond.inputs, { continue_motion: tail, video_frame_offset: ["cond", 5] });
  const ks = copy("ks");
  Object.assign(ks.inputs, {
    positive: ["cond1", 0],
    negative: ["cond1", 1],
    latent_image: ["cond1", 2],
    seed: 43,
  });
  const trim = copy("trim");
  Object.assign(trim.inputs, { samples: ["ks1", 0], trim_amount: ["cond1", 3] });
  const dec = copy("dec");
  dec.inputs.samples = ["trim1", 0];
  const fresh = copy("new");
  Object.assign(fresh.inputs, { image: ["dec1", 0], batch_index: ["cond1", 4] });
  return { ...graph, cond1: cond, ks1: ks, trim1: trim, dec1: dec, new1: fresh };
}

/** The first chunk of a speaking picture, its latent saved. */
export function speech(size: number): Nodes {
  return {
    ...shared(),
    ref: { class_type: "LoadImage", inputs: { image: "character.png" } },
    audio: { class_type: "LoadAudio", inputs: { audio: "speech.wav" } },
    aenc: { class_type: "AudioEncoderLoader", inputs: { audio_encoder_name: "wav2vec.safetensors" } },
    aemb: {
      class_type: "AudioEncoderEncode",
      inputs: { audio_encoder: ["aenc", 0], audio: ["audio", 0] },
    },
    cond: {
      class_type: "WanSoundImageToVideo",
      inputs: {
        positive: ["pos", 0],
        negative: ["neg", 0],
        vae: ["vae", 0],
        width: size,
        height: size,
        length: 77,
        batch_size: 1,
        audio_encoder_output: ["aemb", 0],
        ref_image: ["ref", 0],
      },
    },
    ks: sampler("cond"),
    save: { class_type: "SaveLatent", inputs: { samples: ["ks", 0], filename_prefix: "latents/chunk" } },
  };
}

/** An extension in a prompt of its own: loads the latents so far, decodes the new ones behind one latent of the past. */
export function speechNext(size: number, latent: string): Nodes {
  const graph = speech(size);
  const { width: _width, height: _height, batch_size: _batch, ...inputs } = graph.cond!.inputs;
  graph.before = { class_type: "LoadLatent", inputs: { latent } };
  graph.cond = {
    class_type: "WanSoundImageToVideoExtend",
    inputs: { ...inputs, video_latent: ["before", 0] },
  };
  graph.past = {
    class_type: "LatentCut",
    inputs: { samples: ["before", 0], dim: "t", index: -1, amount: 1 },
  };
  return { ...graph, ...decodeBehind("past") };
}

/** Decodes `ks` behind the latent of node `past` and drops the first frame. */
export function decodeBehind(past: string): Nodes {
  return {
    cat: { class_type: "LatentConcat", inputs: { samples1: [past, 0], samples2: ["ks", 0], dim: "t" } },
    dec: { class_type: "VAEDecode", inputs: { samples: ["cat", 0], vae: ["vae", 0] } },
    new: { class_type: "ImageFromBatch", inputs: { image: ["dec", 0], batch_index: 1, length: 4096 } },
  };
}

/** A clip from words alone. */
export function card(options: { width: number; height: number; length: number }): Nodes {
  const graph = shared();
  graph.empty = { class_type: "EmptyHunyuanLatentVideo", inputs: { ...options, batch_size: 1 } };
  graph.ks = sampler("pos");
  Object.assign(graph.ks.inputs, { positive: ["pos", 0], negative: ["neg", 0], latent_image: ["empty", 0] });
  graph.dec = { class_type: "VAEDecode", inputs: { samples: ["ks", 0], vae: ["vae", 0] } };
  return graph;
}
