/** How a node class is written down: typed reading of its inputs, a function, and the outputs. */
import type { Folders, NodeContext, NodeKind, NodeResult } from "../contract.ts";
import { Conditioning, Film, Frames, Handle, Latent, Mask, refuse, Sound } from "./values.ts";

type Class<T> = new (...args: never[]) => T;

/** The inputs of one run, read by name and type. A wrong type fails the node with a sentence. */
export class Inputs {
  constructor(readonly raw: Record<string, unknown>) {}

  has(name: string): boolean {
    return this.raw[name] !== undefined && this.raw[name] !== null;
  }

  maybe<T>(name: string, type: Class<T>): T | null {
    const value = this.raw[name];
    if (value === undefined || value === null) return null;
    if (value instanceof type) return value;
    throw refuse(`Input ${name} holds something else than ${type.name}.`);
  }

  need<T>(name: string, type: Class<T>): T {
    const value = this.maybe(name, type);
    if (value === null) throw refuse(`Input ${name} is missing.`);
    return value;
  }

  frames(name: string): Frames {
    return this.need(name, Frames);
  }
  mask(name: string): Mask {
    return this.need(name, Mask);
  }
  latent(name: string): Latent {
    return this.need(name, Latent);
  }
  prompt(name: string): Conditioning {
    return this.need(name, Conditioning);
  }
  handle(name: string): Handle {
    return this.need(name, Handle);
  }
  sound(name: string): Sound {
    return this.need(name, Sound);
  }
  film(name: string): Film {
    return this.need(name, Film);
  }

  number(name: string, fallback?: number): number {
    const value = this.raw[name] ?? fallback;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "boolean") return value ? 1 : 0;
    throw refuse(`Input ${name} is not a number.`);
  }

  int(name: string, fallback?: number): number {
    return Math.trunc(this.number(name, fallback));
  }

  text(name: string, fallback?: string): string {
    const value = this.raw[name] ?? fallback;
    if (typeof value === "string") return value;
    throw refuse(`Input ${name} is not a text.`);
  }

  bool(name: string, fallback = false): boolean {
    const value = this.raw[name] ?? fallback;
    return value === true || value === "true" || value === 1;
  }

  /** Children of a growing list: `images.image0`, `images.image1`, … in their order, or a nested object. */
  grown(name: string): [string, unknown][] {
    const nested = this.raw[name];
    if (nested !== null && typeof nested === "object") return Object.entries(nested);
    const start = `${name}.`;
    return Object.entries(this.raw)
      .filter(([key, value]) => key.startsWith(start) && value !== undefined && value !== null)
      .map(([key, value]): [string, unknown] => [key.slice(start.length), value])
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  }

  /** The inputs that are plain values: what a digest of settings is made of. Seeds keep all their digits. */
  settings(): Record<string, string | number | boolean> {
    const plain: Record<string, string | number | boolean> = {};
    for (const [name, value] of Object.entries(this.raw)) {
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        plain[name] = value;
      } else if (typeof value === "bigint") plain[name] = value.toString();
    }
    return plain;
  }
}

type Answer = unknown[] | NodeResult;

/** A node class from a function that gives its outputs in slot order. */
export function kind(
  run: (inputs: Inputs, context: NodeContext) => Answer | Promise<Answer>,
  fingerprint?: (inputs: Inputs, folders: Folders) => Promise<string>,
): NodeKind {
  const made: NodeKind = {
    async run(raw, context) {
      context.signal.throwIfAborted();
      const answer = await run(new Inputs(raw), context);
      return Array.isArray(answer) ? { outputs: answer } : answer;
    },
  };
  if (fingerprint !== undefined) made.fingerprint = (raw, folders) => fingerprint(new Inputs(raw), folders);
  return made;
}
