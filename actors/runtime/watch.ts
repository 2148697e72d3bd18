/** What the engine tells whoever measures it; nothing depends on being told. */
import type { Claim, ReadyStep, SlotRow } from "@/core/store.ts";
import type { EffectEnd } from "./handler.ts";

export interface EngineWatch {
  /** Milliseconds from a wake-up to the turn, and of the turn. */
  turned(waitedMs: number, tookMs: number): void;
  /** `waiting`: steps of the same person that waited then. */
  granted(grant: { slot: SlotRow; step: ReadyStep; switched: boolean; waiting: number }): void;
  /** The lease of another run ended without a word. */
  lapsed?(claim: Claim): void;
  /** `failed` where the handler threw. */
  ended(claim: Claim, outcome: "done" | "failed" | "later" | "lost", end: EffectEnd | null): void;
}
