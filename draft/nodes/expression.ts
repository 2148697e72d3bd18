/** Arithmetic of ComfyMathExpression: numbers, names, operators of Python, and a few functions. */
import { refuse } from "./values.ts";

const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  min: Math.min,
  max: Math.max,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  sqrt: Math.sqrt,
  int: Math.trunc,
  float: (value) => value,
  pow: (base, power) => base ** power,
  // Python rounds halves to the even neighbour.
  round: (value, digits = 0) => {
    const scale = 10 ** digits;
    const whole = Math.round(value * scale);
    const half = Math.abs(value * scale % 1) === 0.5;
    return (half && whole % 2 !== 0 ? whole - 1 : whole) / scale;
  },
};

/** Operators by how strongly they bind, weakest first. */
const LEVELS: Record<string, (a: number, b: number) => number>[] = [
  { or: (a, b) => a !== 0 ? a : b },
  { and: (a, b) => a !== 0 ? b : a },
  {
    "<": (a, b) => Number(a < b),
    "<=": (a, b) => Number(a <= b),
    ">": (a, b) => Number(a > b),
    ">=": (a, b) => Number(a >= b),
    "==": (a, b) => Number(a === b),
    "!=": (a, b) => Number(a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  {
    "*": (a, b) => a * b,
    "/": (a, b) => a / nonZero(b),
    "//": (a, b) => Math.floor(a / nonZero(b)),
    "%": (a, b) => a - nonZero(b) * Math.floor(a / b),
  },
];

function nonZero(value: number): number {
  if (value === 0) throw refuse("division by zero");
  return value;
}

class Reader {
  readonly #words: string[];
  #at = 0;

  constructor(text: string, readonly values: ReadonlyMap<string, number>) {
    const words = text.match(
      /\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[A-Za-z_]\w*|\*\*|\/\/|[<>=!]=|[-+*/%()<>,]|\S/gi,
    );
    this.#words = words ?? [];
  }

  read(): number {
    const value = this.#level(0);
    if (this.#at < this.#words.length) throw refuse(`Unexpected ${this.#words[this.#at]} in the expression.`);
    return value;
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  #level(depth: number): number {
    const operators = LEVELS[depth];
    if (operators === undefined) return this.#signed();
    let left = this.#level(depth + 1);
    for (;;) {
      const word = this.#words[this.#at] ?? "";
      if (!Object.hasOwn(operators, word)) return left;
      this.#at += 1;
      left = operators[word]!(left, this.#level(depth + 1));
    }
  }

  #signed(): number {
    if (this.#take("-")) return -this.#signed();
    if (this.#take("+")) return this.#signed();
    if (this.#take("not")) return Number(this.#signed() === 0);
    const base = this.#primary();
    return this.#take("**") ? base ** this.#signed() : base;
  }

  #primary(): number {
    const word = this.#words[this.#at] ?? "";
    this.#at += 1;
    if (word === "(") {
      const value = this.#level(0);
      if (!this.#take(")")) throw refuse("The expression lacks a closing bracket.");
      return value;
    }
    if (/^[\d.]/.test(word)) return Number(word);
    if (this.#take("(")) return this.#call(word);
    const value = this.values.get(word);
    if (value === undefined) throw refuse(`The expression names ${word || "nothing"}, which has no value.`);
    return value;
  }

  #call(name: string): number {
    const made = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (made === undefined) throw refuse(`The expression calls ${name}, which does not exist.`);
    const given: number[] = [];
    if (this.#take(")")) return made();
    do given.push(this.#level(0)); while (this.#take(","));
    if (!this.#take(")")) throw refuse("The expression lacks a closing bracket.");
    return made(...given);
  }
}

/** The value of an expression; throws a sentence for anything it cannot read. */
export function evaluate(text: string, values: ReadonlyMap<string, number>): number {
  return new Reader(text, values).read();
}
