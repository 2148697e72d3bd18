/** Props that devalue wrote are read back as they were, by the small reader that browsers get. */
import { parse, stringify } from "devalue";
import { readProps } from "@/lib/fresh/props.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { CIRCLE, SAMPLES } from "@/tests/fixtures/islands/parts/samples.ts";

const MORE: Record<string, unknown> = {
  ...SAMPLES,
  empty: [[], {}, "", new Map(), new Set()],
  sparse: Object.assign(new Array(1000), { 7: "seven", 900: { deep: true } }),
  nothing: Object.assign(Object.create(null), { a: 1 }),
  bytes: [
    new Uint8Array([1, 2, 3]).subarray(1),
    new Float32Array([0.5]),
    new DataView(new ArrayBuffer(2)),
    new ArrayBuffer(0),
  ],
  query: new URLSearchParams("a=1&a=2"),
  boxed: [Object(1), Object("a"), Object(1n)],
  nested: { list: [{ map: new Map([[{ key: 1 }, [new Date(5)]]]) }] },
  large: [Number.MAX_SAFE_INTEGER, 2n ** 80n, 1e300, 5e-324],
  date: new Date(NaN),
};

Deno.test("every kind of value is read as devalue reads it", () => {
  for (const [name, value] of Object.entries(MORE)) {
    const text = stringify([{ value }]);
    assertEquals(readProps(text, {}), parse(text), name);
    assertEquals(readProps(text, {})[0]?.value, value, name);
  }
});

Deno.test("what two islands share is one thing, and a thing may hold itself", () => {
  const shared = { list: [1] };
  const set = new Set<unknown>();
  set.add(set);
  const map = new Map<unknown, unknown>();
  map.set("me", map);
  const [first, second] = readProps(stringify([{ shared, CIRCLE }, { shared, set, map }]), {});
  assert(first?.shared === second?.shared);
  const circle = first?.CIRCLE as Record<string, unknown>;
  assert(circle.self === circle);
  assert((second?.set as Set<unknown>).has(second?.set));
  assert((second?.map as Map<unknown, unknown>).get("me") === second?.map);
});

Deno.test("named values are made by their reviver, once for each thing", () => {
  class Box {
    constructor(readonly value: unknown) {}
  }
  const reducers = { Box: (value: unknown) => value instanceof Box && [value.value] };
  const boxes = [undefined, null, false, 0, "", [], [1, 2], { a: 1 }, new Date(3), NaN].map((value) =>
    new Box(value)
  );
  const all = readProps(stringify([{ boxes, again: boxes[3] }], reducers), {
    Box: (value) => new Box(value),
  });
  assertEquals(all[0]?.boxes, boxes);
  assert((all[0]?.boxes as Box[])[3] === all[0]?.again);
});
