/** The kinds of values that variables have, and the one that never shows itself. */
import { z } from "zod";

/** A value that never appears in logs, errors or JSON. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself; only adapters that sign or send it call this. */
  reveal(): string {
    return this.#value;
  }
  /** What may be shown: the last four characters of a value long enough not to give it away. */
  hint(): string {
    return this.#value.length >= 12 ? this.#value.slice(-4) : "";
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [Symbol.for("Deno.customInspect")](): string {
    return "[secret]";
  }
}

/** Shorter ones stand in ordinary words and figures by chance: striking them out would spoil the text. */
export const HIDDEN_MIN = 8;

export function canBeHidden(secret: Secret): boolean {
  return secret.reveal().length >= HIDDEN_MIN;
}

/** The same text with these values struck out wherever they stand, also inside other words. */
export function strikeOut(text: string, secrets: readonly Secret[]): string {
  return secrets.filter(canBeHidden).map((secret) => secret.reveal())
    // One may stand within another.
    .sort((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, "[secret]"), text);
}

export const text = z.string().trim();
export const whole = (min: number, max: number) =>
  text.regex(/^-?\d+$/, "must be a whole number").transform(Number).pipe(
    z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
  );
export const decimal = (min: number, max: number) =>
  text.regex(/^-?\d+(\.\d+)?$/, "must be a number").transform(Number).pipe(
    z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
  );
export const secret = text.transform((value) => (value === "" ? null : new Secret(value)));
/** Whether such a value is never shown, set or not; what comes before may judge its shape. */
export function holdsSecret(schema: z.ZodType): boolean {
  return schema === secret || (schema instanceof z.ZodPipe && schema.out === secret);
}
export const list = text.transform((value) =>
  value.split(",").map((item) => item.trim()).filter((item) => item !== "")
);
export const url = text.refine((value) => value === "" || URL.canParse(value), "must be a URL");

export interface Variable {
  group: string;
  /** Shown in .env.example and in the README. */
  about: string;
  /** Value when the variable is absent. */
  fallback: string;
  /** Older or source-document names of the same value. */
  aliases?: string[];
  schema: z.ZodType<unknown, string>;
}

/** What the environment says of a variable, by its name or a former one; else its default. */
export function valueOf(name: string, variable: Variable, env: Record<string, string | undefined>): string {
  for (const key of [name, ...(variable.aliases ?? [])]) {
    const value = env[key];
    if (value !== undefined && value.trim() !== "") return value;
  }
  return variable.fallback;
}
