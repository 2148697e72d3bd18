/** The few rules of Python that show through ComfyUI's answers: conversions, truth, `repr`, exception names. */

/** A Python exception as ComfyUI reports it. */
export class PythonError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.name = "PythonError";
    this.type = type;
  }
}

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `int(value)`: a number up to 2^53, a bigint beyond it, so that no digit is lost. */
export function toInt(value: unknown): number | bigint {
  if (typeof value === "bigint") return shorten(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") {
    if (Number.isNaN(value)) throw new PythonError("ValueError", "cannot convert float NaN to integer");
    if (!Number.isFinite(value)) {
      throw new PythonError("OverflowError", "cannot convert float infinity to integer");
    }
    const whole = Math.trunc(value);
    return Number.isSafeInteger(whole) ? whole : BigInt(whole);
  }
  if (typeof value === "string") {
    if (/^\s*[+-]?\d+(_\d+)*\s*$/.test(value)) return readDigits(value);
    throw new PythonError("ValueError", `invalid literal for int() with base 10: ${repr(value)}`);
  }
  throw new PythonError(
    "TypeError",
    `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
  );
}

function readDigits(text: string): number | bigint {
  const digits = text.trim().replaceAll("_", "").replace(/^\+/, "");
  return shorten(digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits));
}

function shorten(whole: bigint): number | bigint {
  const short = Number(whole);
  return Number.isSafeInteger(short) ? short : whole;
}

/** `float(value)`. */
export function toFloat(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (typeof value === "string") {
    const text = value.trim().replaceAll("_", "");
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
    if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
    if (/^[+-]?nan$/i.test(text)) return NaN;
    throw new PythonError("ValueError", `could not convert string to float: ${repr(value)}`);
  }
  throw new PythonError(
    "TypeError",
    `float() argument must be a string or a real number, not '${typeName(value)}'`,
  );
}

/** `bool(value)`: every non-empty string is true, also "false". */
export function toBool(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isRecord(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** `str(value)`. */
export function toStr(value: unknown): string {
  return typeof value === "string" ? value : repr(value);
}

/** `repr(value)` for values that JSON can carry. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return reprString(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (isRecord(value)) {
    return `{${Object.entries(value).map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(", ")}}`;
  }
  return String(value);
}

function reprString(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll(
    "\t",
    "\\t",
  );
  if (text.includes("'") && !text.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "\\'")}'`;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "bigint") return "int";
  return isRecord(value) ? "dict" : typeof value;
}

/** `a == b` for scalars: true equals 1, as Python has it. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === "boolean" && typeof b === "number") return Number(a) === b;
  if (typeof b === "boolean" && typeof a === "number") return Number(b) === a;
  return false;
}
