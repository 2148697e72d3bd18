/** What the API shows of the shelf, as pages read it. */
import type { ShelfItem, ShelfServer } from "./shelf.ts";

export interface ShownShelfItem extends
  Pick<
    ShelfItem,
    | "id"
    | "version"
    | "mode"
    | "submode"
    | "title"
    | "description"
    | "icon"
    | "state"
    | "verified"
    | "delivers"
    | "presets"
    | "vramGb"
  > {
  /** Size of all model files, and how many of them have none that is known. */
  modelsGb: { known: number; unknown: number };
  exampleUrl: string | null;
  /** What each lacks is there for operators alone. */
  servers: ShelfServer[];
  forOperators: Pick<ShelfItem, "comfyui" | "notes" | "packs" | "models"> | null;
}

export interface ShownShelf {
  items: ShownShelfItem[];
}
