/** Props that never change are written down once and not for every page: whatever is frozen to its depths and plain data. */
import { stringify } from "devalue";

/** The text of each, ready to stand in a page; null for what has to be written anew each time. */
const texts = new WeakMap<object, string | null>();

/** Whether it is data that nobody can change, so that its text stays true. */
export function isKept(value: unknown): value is object {
  if (typeof value !== "object" || value === null || !Object.isFrozen(value)) return false;
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = isFrozenData(value) ? inScript(stringify(value)) : null);
  return text !== null;
}

/** Of something that is kept. */
export function keptText(value: object): string {
  return texts.get(value) ?? "";
}

/** JSON that may stand in a script element. Only `<` could end it early; the line separators are for tools that read it as a script. */
export function inScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

/** Lists and plain objects of their like, and of what has no parts. What holds itself is none. */
function isFrozenData(value: unknown, around: readonly unknown[] = []): boolean {
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function" && typeof value !== "symbol";
  }
  const kind = Object.getPrototypeOf(value);
  if (!Object.isFrozen(value) || (kind !== Object.prototype && kind !== Array.prototype)) return false;
  if (around.includes(value)) return false;
  const inner = [...around, value];
  return Object.values(value).every((part) => isFrozenData(part, inner));
}
