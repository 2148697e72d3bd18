/** What planning needs to know of the studio and of the files, and what it gives back. */
import type { Probe } from "../media.ts";
import type { Plan } from "../plan.ts";
import type { Hash } from "../ports.ts";
import type { FieldNote } from "../problem.ts";
import type { JobRequest, Place } from "../request.ts";
import type { Definitions, Manifest, Template } from "../template.ts";
import type { Forms } from "../workflow/forms.ts";

/** An uploaded file of the person who asks. */
export interface AssetFacts {
  sha256: string;
  ext: string;
  kind: "image" | "video" | "audio";
  probe: Probe;
}

export interface PlanContext {
  templates: Template[];
  definitions: Definitions;
  /** The person's own files by id; what is not here does not exist for this request. */
  assets: Map<string, AssetFacts>;
  hash: Hash;
  /** Used when the request brings none: decimal text. */
  seed: string;
  /**
   * Only the sums are wanted: of the parts of one variant the first alone is bound, and the others carry its form. Such a
   * plan is shown and never stored.
   */
  sketch?: Sketch;
  /** Kept by planners of many parts: what was bound already, to be filled in for the others. */
  forms?: Forms;
  /** What is used in place of a template's usual preset where nobody chose one, with a sentence about it. */
  usualPreset?: UsualPreset;
  /** The template that finishes films with a model, where a render server that answers has what it needs. */
  finisher?: (what: "interpolate" | "upscale") => Template | null;
  /** What `auto` means now. */
  autoEngine: "draft" | "comfy";
  limits: {
    referencesMax: number;
    filmSecondsMax: number;
    /** Bounds of a prompt's time limit after `execution_start`. */
    timeLimitMinS: number;
    timeLimitMaxS: number;
  };
}

export type UsualPreset = (manifest: Manifest) => { preset: string; note: string } | null;

/** The needs of planning that a change of an existing plan shares. */
export type BindContext = Pick<
  PlanContext,
  "templates" | "definitions" | "hash" | "limits" | "sketch" | "forms"
>;

/** What was bound already, by variant. */
export type Sketch = Map<string, { form: string; family: string }>;

export interface PlannedJob {
  plan: Plan;
  template: { name: string; version: string };
  /** As asked and as planned; `asked` is null where the studio chose. */
  size: { width: number; height: number; asked: { width: number | null; height: number | null } };
  /** The seed of every part, decimal. */
  seed: string;
  preset: string;
}

/** A request whose template, files and engine are found. */
export interface Ready {
  request: JobRequest;
  context: PlanContext;
  template: Template;
  engine: "draft" | "comfy";
  preset: string;
  seed: string;
  character: AssetFacts;
  references: AssetFacts[];
  poseSheet: AssetFacts | null;
}

/** A shot takes whatever files its template names. */
export interface ShotReady extends Omit<Ready, "character"> {
  character: null;
  /** Of every place but the references. */
  files: Map<Place, AssetFacts>;
}

/** Collects every wrong field before anything is refused. */
export type Notes = FieldNote[];
