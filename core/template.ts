/** ComfyUI templates as data: the API graph, and the manifest that says what may be bound in it. */
import { z } from "zod";

/** `[node id, output slot]`. Node ids are strings: ComfyUI refuses numbers. */
export const Link = z.tuple([z.string(), z.int().min(0)]);
export const GraphNode = z.looseObject({
  class_type: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  _meta: z.looseObject({ title: z.string() }).optional(),
});
export const Graph = z.record(z.string(), GraphNode);
export type Link = z.infer<typeof Link>;
export type GraphNode = z.infer<typeof GraphNode>;
export type Graph = z.infer<typeof Graph>;

/** A node by its unique role title, or by id where an operator's own graph is imported. */
export const NodeRef = z.union([z.strictObject({ title: z.string() }), z.strictObject({ id: z.string() })]);

/** One change to a graph: set an input to a value or a link, take it away, or go round the node along it. */
export const Edit = z.strictObject({
  node: NodeRef,
  input: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
  link: z.strictObject({ node: NodeRef, slot: z.int().min(0) }).optional(),
  remove: z.literal(true).optional(),
  /** Take it away, and with it whatever cannot run without it. */
  prune: z.literal(true).optional(),
  /** Whoever uses the node's first output uses what this input is linked to. */
  bypass: z.literal(true).optional(),
});

export const InputKind = z.enum([
  "text",
  "int",
  "number",
  "bool",
  "choice",
  "seed",
  "image",
  "video",
  "audio",
  "latent",
  "images",
  "latents",
]);

/** What a template takes in. `role` says who fills it: a person's setting, an asset, or the plan (carried files, offsets). */
export const TemplateInput = z.strictObject({
  kind: InputKind,
  title: z.string(),
  role: z.enum(["setting", "asset", "plan"]),
  required: z.boolean(),
  /** For files: the place of the request that fills it, where that is not its own name. */
  place: z.string().optional(),
  /** For files: the loader takes a path from the server's own folder, not a name in its folder of inputs. */
  asPath: z.literal(true).optional(),
  /** For files: made even first, as long as the shot: a clip upright, silent and at the shot's rate, a sound as WAV. */
  prepare: z.enum(["clip", "sound"]).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  multiple: z.number().optional(),
  options: z.array(z.string()).optional(),
  /** How an optional asset changes the result, in one sentence; null means "not used by this model". */
  effect: z.string().nullable().optional(),
  /** Answers that need a file, each with the input that takes it. Such a file counts only with one of them. */
  asks: z.record(z.string(), z.string()).optional(),
  /** How strong another input is: counts only while that is on, or given. */
  scales: z.string().optional(),
  /** Variants that need this input; in the others it may not be given. Without it, all variants alike. */
  variants: z.array(z.string()).optional(),
  bind: z.array(z.strictObject({ node: NodeRef, input: z.string() })),
  /** For `choice` and `bool`: what each answer changes in the graph, beyond what is bound. For files: what `given` changes. */
  edits: z.record(z.string(), z.array(Edit)).optional(),
  /** For `images` and `latents`: the bound loader is cloned per file and the clones are folded from left to right. */
  fold: z.strictObject({
    class: z.string(),
    first: z.string(),
    second: z.string(),
    inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }).optional(),
});

export const TemplateOutput = z.strictObject({
  role: z.string(),
  node: NodeRef,
  kind: z.enum(["video", "image", "images", "audio", "latent"]),
  required: z.boolean(),
  /** Variants that make it; in the others its node is left out. Without it, all variants alike. */
  variants: z.array(z.string()).optional(),
});

export const Manifest = z.strictObject({
  id: z.string().regex(/^[a-z0-9_]+\/[a-z0-9_]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  mode: z.string(),
  submode: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  icon: z.string(),
  /** `pending`: a placeholder that may not run on a real backend. `unverified`: has not run on a real GPU yet. */
  state: z.enum(["pending", "unverified", "verified"]),
  verified: z.strictObject({ comfyui: z.string(), date: z.string(), gpu: z.string() }).nullable(),
  notes: z.array(z.string()),
  promptOptional: z.boolean(),
  /** `by_name`: taken only when a request names it, beside the mode's usual template. */
  chosen: z.enum(["usual", "by_name"]).default("usual"),
  /** What comes out: a film with sound, poster and exact length, or one picture. */
  delivers: z.enum(["film", "still"]).default("film"),
  /** The film's last frame leads into its first: how well they meet is measured. */
  loops: z.boolean().default(false),
  /** Where a shot's sound comes from: its own render, the recording or the clip that was given; null for silence. */
  sound: z.enum(["own", "audio", "video"]).nullable().default(null),
  /** How long one shot may be, in seconds, where a person chooses it; null where files or parts decide. */
  length: z.strictObject({
    seconds: z.number().positive(),
    min: z.number().positive(),
    max: z.number().positive(),
    /** Input whose file decides the length when the person does not: a recording or a clip. */
    follows: z.string().optional(),
  }).nullable().default(null),
  inputs: z.record(z.string(), TemplateInput),
  outputs: z.array(TemplateOutput),
  /** Named edit lists that the planner chooses by, for instance `first` and `next`. */
  variants: z.record(z.string(), z.array(Edit)),
  presets: z.record(
    z.string(),
    z.strictObject({
      title: z.string(),
      edits: z.array(Edit),
      /** How much work it is beside the others; without it the samplers' steps are counted. */
      work: z.number().positive().optional(),
    }),
  ),
  defaultPreset: z.string(),
  frames: z.strictObject({
    rule: z.enum(["4n+1", "8n+1", "any"]),
    first: z.int().positive(),
    next: z.int().positive(),
    overlap: z.int().min(0),
    rate: z.number().positive(),
  }).nullable(),
  size: z.strictObject({
    multiple: z.int().positive(),
    min: z.int().positive(),
    max: z.int().positive(),
    width: z.int().positive(),
    height: z.int().positive(),
    /** Input whose picture gives the film its shape when the person does not. */
    follows: z.string().optional(),
  }),
  /** From where on work is so heavy that people are warned: pixels of a frame, seconds of the film. */
  heavy: z.strictObject({ pixels: z.int().positive(), seconds: z.number().positive() }).nullable().default(
    null,
  ),
  /** Shares sum to 100. `nodes` are role titles whose start begins the stage. */
  stages: z.array(
    z.strictObject({ title: z.string(), share: z.number().positive(), nodes: z.array(z.string()) }),
  ),
  requires: z.strictObject({
    comfyui: z.string(),
    vramGb: z.number().positive(),
    packs: z.array(
      z.strictObject({
        name: z.string(),
        source: z.string(),
        commit: z.string(),
        classes: z.array(z.string()),
      }),
    ),
    models: z.array(z.strictObject({
      folder: z.string(),
      file: z.string(),
      source: z.string(),
      licence: z.string(),
      sizeGb: z.number().positive().nullable(),
    })),
  }),
  lowVram: z.array(z.strictObject({ upToGb: z.number().positive(), preset: z.string() })),
  /**
   * First guess before the studio has its own history, at the default preset: base + perFrame × frames, the frames' part
   * by size and preset. With `presetS`: base + presetS by preset + perFrame × frames, whatever the size.
   */
  estimate: z.strictObject({
    baseS: z.number().min(0),
    presetS: z.number().min(0).optional(),
    perFrameS: z.number().min(0),
  }),
});

export type NodeRef = z.infer<typeof NodeRef>;
export type Edit = z.infer<typeof Edit>;
export type TemplateInput = z.infer<typeof TemplateInput>;
export type TemplateOutput = z.infer<typeof TemplateOutput>;
export type Manifest = z.infer<typeof Manifest>;

/** A loaded and validated template. Frozen: binding works on copies. */
export interface Template {
  manifest: Manifest;
  graph: Graph;
}

/** What `/object_info` says of one class, as far as the studio reads it. Inputs are `[type, options]` as ComfyUI sends them. */
export const NodeDefinition = z.looseObject({
  input: z.looseObject({
    required: z.record(z.string(), z.unknown()).optional(),
    optional: z.record(z.string(), z.unknown()).optional(),
  }),
  output: z.array(z.unknown()),
  output_name: z.array(z.string()).optional(),
  output_node: z.boolean().optional(),
  name: z.string().optional(),
});
export type NodeDefinition = z.infer<typeof NodeDefinition>;
/** Node definitions by class name: the whole or a part of `/object_info`. */
export type Definitions = Record<string, NodeDefinition>;
