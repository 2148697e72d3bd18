/** Reads in the browser what devalue wrote on the server; for reading alone its own code would be five times as large. */

/** Makes of a value what the server called by this name. */
type Revivers = Record<string, (value: unknown) => unknown>;

/** Values that JSON has no sign for, by their place below zero. */
const SIGNS = [undefined, undefined, undefined, NaN, Infinity, -Infinity, -0];
const HOLE = -2;
const SPARSE = -7;

/** The props of every island. What two of them share is one thing again. */
export function readProps(text: string, revivers: Revivers): Record<string, unknown>[] {
  const values: unknown[] = JSON.parse(text);
  const made: unknown[] = [];
  const read = (at: number): unknown => {
    if (at < 0) return SIGNS[-at];
    if (at in made) return made[at];
    const value = values[at];
    if (typeof value !== "object" || value === null) return made[at] = value;
    if (!Array.isArray(value)) return fill(at, {}, Object.entries(value).flat());
    const [tag, ...rest] = value;
    if (typeof tag === "string") return make(at, tag, rest);
    if (tag === SPARSE) return fill(at, new Array(rest[0]), rest.slice(1));
    return fill(
      at,
      new Array(value.length),
      value.flatMap((item, place) => item === HOLE ? [] : [place, item]),
    );
  };
  /** Names and places of values by turns. Known before it is filled, so that it may hold itself. */
  const fill = (at: number, holder: object, pairs: unknown[]) => {
    made[at] = holder;
    for (let i = 0; i < pairs.length; i += 2) {
      Reflect.set(holder, String(pairs[i]), read(Number(pairs[i + 1])));
    }
    return holder;
  };
  const make = (at: number, tag: string, rest: unknown[]): unknown => {
    const items = () => rest.map((place) => read(Number(place)));
    if (tag === "Set") {
      const set = made[at] = new Set();
      for (const item of items()) set.add(item);
      return set;
    }
    if (tag === "Map") {
      const map = made[at] = new Map();
      const all = items();
      for (let i = 0; i < all.length; i += 2) map.set(all[i], all[i + 1]);
      return map;
    }
    if (tag === "null") return fill(at, Object.create(null), rest);
    const revive = revivers[tag];
    if (!revive) return made[at] = build(tag, rest, items);
    // Behind such a name stands a list of one.
    const [list] = items();
    return made[at] = revive(Array.isArray(list) ? list[0] : list);
  };
  return read(0) as Record<string, unknown>[];
}

/** Dates, addresses, patterns, bytes: what a constructor of the language makes. */
function build(tag: string, rest: unknown[], items: () => unknown[]): unknown {
  if (tag === "BigInt") return BigInt(String(rest[0]));
  if (tag === "Object") return Object(items()[0]);
  if (tag === "ArrayBuffer") {
    return Uint8Array.from(atob(String(rest[0])), (sign) => sign.charCodeAt(0)).buffer;
  }
  const constructor = Reflect.get(globalThis, tag);
  return Reflect.construct(constructor, /Array$|View$/.test(tag) ? [items()[0], ...rest.slice(1)] : rest);
}
