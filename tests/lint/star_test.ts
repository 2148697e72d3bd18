/** The import table, line by line: what each folder may and may not import. */
import { assertEquals } from "@/tests/assert.ts";
import { importFault } from "./star.ts";

const ALLOWED: [string, string][] = [
  ["core/plan.ts", "./ids.ts"],
  ["core/plan.ts", "zod"],
  ["adapters/comfy/client.ts", "@/core/ports.ts"],
  ["adapters/comfy/client.ts", "./http.ts"],
  ["actors/job/receive.ts", "../runtime/kind.ts"],
  ["api/jobs.ts", "@/actors/job/messages.ts"],
  ["routes/api/[...path].ts", "@/api/mod.ts"],
  ["draft/main.ts", "@/adapters/media/mod.ts"],
  ["routes/index.tsx", "fresh"],
  ["islands/Clock.tsx", "fresh/runtime"],
  ["main.ts", "./db/sqlite.ts"],
  ["tests/sim/sim_test.ts", "@/db/store.ts"],
];
const REFUSED: [string, string][] = [
  ["core/plan.ts", "../adapters/comfy/client.ts"],
  ["core/plan.ts", "kysely"],
  ["adapters/comfy/client.ts", "@/adapters/media/mod.ts"],
  ["actors/job/receive.ts", "@/db/store.ts"],
  ["actors/job/effects/mod.ts", "@/adapters/comfy/client.ts"],
  ["api/jobs.ts", "@/actors/job/receive.ts"],
  ["api/jobs.ts", "@/db/queries/jobs.ts"],
  ["routes/index.tsx", "@/api/mod.ts"],
  ["draft/main.ts", "@/adapters/storage/local.ts"],
  ["db/schema.ts", "@/actors/job/messages.ts"],
  ["lib/fresh/mod.ts", "@/core/ports.ts"],
  ["islands/Clock.tsx", "fresh"],
  ["components/header.tsx", "fresh"],
  ["routes/(_islands)/Clock.tsx", "fresh"],
  ["routes/index.tsx", "@/lib/fresh/app.ts"],
  ["islands/Clock.tsx", "@/lib/fresh/runtime.ts"],
];

Deno.test("the lint plugin lets the star's imports pass and reports all others", () => {
  for (const [from, to] of ALLOWED) assertEquals(importFault(from, to), null, `${from} → ${to}`);
  for (const [from, to] of REFUSED) assertEquals(importFault(from, to) === null, false, `${from} → ${to}`);
});
