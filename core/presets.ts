/** Named settings of a person, to be used again. */

export interface Preset {
  id: string;
  userId: string;
  /** Unique for the person, as typed. */
  name: string;
  mode: string;
  submode: string | null;
  negativePrompt: string;
  /** Settings as a request has them. */
  settings: Record<string, unknown>;
  createdAt: number;
  updatedAt: number;
}

export interface Presets {
  /** By name. */
  list(userId: string): Promise<Preset[]>;
  find(userId: string, id: string): Promise<Preset | null>;
  /** Makes it, or changes the one of this id. */
  put(preset: Preset): Promise<"kept" | "name_taken">;
  /** False when there is none. */
  remove(userId: string, id: string): Promise<boolean>;
}
