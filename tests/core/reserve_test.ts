/** What films will still take: seconds by how long such work took, files by what such films left. */
import { learnPaces, NO_PACES } from "@/core/paces.ts";
import { learnSizes, NOTHING_RESERVED, type OpenRender, reserve, reserveFor } from "@/core/reserve.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { makePlan } from "@/tests/db/fixtures.ts";

const render: OpenRender = {
  engine: "comfy",
  template: "wan",
  shape: "usual",
  backendId: null,
  weight: 100,
  ranS: 0,
};
const NONE = { paces: NO_PACES, sizes: learnSizes([]) };

Deno.test("renders take what the plan says until such work was done here, and then what it took", () => {
  assertEquals(reserve([], NONE), NOTHING_RESERVED);
  assertEquals(reserve([render, { ...render, weight: 50 }], NONE), { gpuSeconds: 150, bytes: 0 });
  const took = { ...render, backendId: "b1", tookS: 200 };
  const paces = learnPaces(Array.from({ length: 20 }, (_, n) => ({ ...took, jobId: `j${n}` })));
  const learned = reserve([render], { ...NONE, paces }).gpuSeconds;
  assert(learned > 180 && learned < 220, String(learned));
});

Deno.test("what has run of a render is not set aside any more, and never less than nothing", () => {
  assertEquals(reserve([{ ...render, ranS: 30 }], NONE).gpuSeconds, 70);
  assertEquals(reserve([{ ...render, ranS: 300 }, render], NONE).gpuSeconds, 100);
});

Deno.test("files are set aside as the middle one of such films left them, for as much as is rendered", () => {
  const film = { engine: "comfy", template: "wan", weight: 100 } as const;
  const sizes = learnSizes([
    { ...film, bytes: 1e6 },
    { ...film, bytes: 2e6 },
    { ...film, weight: 200, bytes: 900e6 },
    { ...film, engine: "draft", bytes: 5 },
    { ...film, weight: 0, bytes: 5 },
  ]);
  assertEquals(reserve([render], { ...NONE, sizes }).bytes, 2e6);
  assertEquals(reserve([{ ...render, weight: 50 }], { ...NONE, sizes }).bytes, 1e6);
  assertEquals(reserve([{ ...render, template: "other" }], { ...NONE, sizes }).bytes, 0);
});

Deno.test("a film that is not let in yet takes what its renders take; work in the studio takes no minutes", () => {
  const plan = makePlan({ prompts: 2 });
  const steps = plan.steps.map((step) => ({ ...step, weight: 10 }));
  assert(steps.some(({ kind }) => kind === "local"));
  assertEquals(reserveFor({ steps, engine: "comfy" }, NONE).gpuSeconds, 20);
});
