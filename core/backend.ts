/** A render server as the runtime sees it, and a slot of it that carries a prompt. */
import type { Faring } from "./faring.ts";
import type { ServerSettings } from "./servers.ts";

export interface BackendRow extends Partial<ServerSettings> {
  id: string;
  url: string;
  engine: "draft" | "comfy";
  slots: number;
  status: "up" | "drain" | "down";
  epoch: number;
  lastSeenAt: number | null;
  loadedFamily: string | null;
  vram: number | null;
  version: string | null;
  problem: string | null;
  /** As it told last: the card, and what is free. */
  device?: string | null;
  vramFree?: number | null;
  ramFree?: number | null;
  /** It has too little memory for anything new, and is given nothing until it has more. */
  short?: boolean;
  /** Null: nothing ever failed there. */
  faring?: Faring | null;
}

export type BackendChange = Partial<Omit<BackendRow, "id" | keyof ServerSettings>>;
export interface BackendChanged {
  before: BackendRow;
  after: BackendRow;
}

export interface SlotRow {
  backendId: string;
  /** Counts from 0 up to the backend's `slots`. */
  n: number;
  jobId: string;
  userId: string;
  stepId: string;
  promptId: string;
  family: string;
  /** Seconds by the plan. */
  weight: number;
  state: "held" | "stopping";
  since: number;
}
