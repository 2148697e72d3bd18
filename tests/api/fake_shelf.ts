/** The shelf of the studio in memory: one mode that works, one that lacks a model, and a verdict that a test may set. */
import type { Shelf, ShelfItem } from "@/core/shelf.ts";
import type { FakeStudio } from "./fake_studio.ts";

const MOVE: ShelfItem = {
  id: "animate/move",
  version: "1.0.0",
  mode: "animate",
  submode: "move",
  title: "Mode move",
  description: "What move does.",
  icon: "person",
  state: "verified",
  verified: { comfyui: "0.33.0", date: "2026-11-20", gpu: "RTX 4090" },
  notes: ["One prompt per part."],
  delivers: "film",
  comfyui: "0.33.0",
  vramGb: 24,
  presets: [{ name: "fast", title: "Fast" }, { name: "balanced", title: "Balanced" }],
  packs: [],
  models: [{
    file: "move.safetensors",
    folder: "diffusion_models",
    source: "https://models.example/move",
    licence: "Apache-2.0",
    sizeGb: 17.3,
    only: null,
  }],
  example: "drawn",
  servers: [
    { id: "b1", engine: "comfy", n: 1, of: 1, isUp: true, standing: "low", preset: "Fast", lines: [] },
    { id: "draft", engine: "draft", n: 1, of: 1, isUp: true, standing: "whole", preset: null, lines: [] },
  ],
};

const POOR: ShelfItem = {
  ...MOVE,
  id: "ltx/t2v",
  mode: "ltx",
  submode: "t2v",
  title: "Mode t2v",
  description: "What t2v does.",
  icon: "film",
  state: "unverified",
  verified: null,
  example: null,
  servers: [{
    id: "b1",
    engine: "comfy",
    n: 1,
    of: 1,
    isUp: true,
    standing: "poor",
    preset: null,
    lines: [{
      text: "Model file big.safetensors is missing.",
      remedy: "Put it into models/checkpoints (22 GB), from https://models.example/big.",
      source: "https://models.example/big",
    }],
  }],
};

export function fakeShelf(kept: FakeStudio["kept"]): Shelf {
  return {
    list: () => Promise.resolve([MOVE, POOR]),
    canMake: () => Promise.resolve(true),
    draw: () => {},
    example: (name) => Promise.resolve(name === "drawn" ? new Uint8Array([82, 73, 70, 70]) : null),
    judge: () => Promise.resolve(kept.verdict),
  };
}
