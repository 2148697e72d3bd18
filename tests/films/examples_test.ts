/** Examples on the shelf: drawn once by the draft renderer, after everybody else. */
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { openExamples } from "@/studio/examples.ts";
import { openRig, silent } from "@/tests/rig/rig.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";

Deno.test("each mode gets its picture once; after a new start it is still there", async () => {
  await using rig = await openRig();
  const { house, dir, accepted } = rig;
  const { templates: all, definitions } = await readShelf();
  // One of each family that takes other files and variants.
  const ids = [
    "anime/still",
    "animate/move",
    "s2v/performance",
    "ltx/lipsync",
    "wan/t2v",
    "long_take/vace_core",
  ];
  const templates = all.filter(({ manifest }) => ids.includes(manifest.id));
  const closing = new AbortController();
  const open = () =>
    openExamples({
      dir: `${dir}/examples`,
      templates,
      definitions,
      store: house.store,
      storage: house.storage,
      media: house.media,
      comfyFor: house.clients.comfyFor,
      clock: systemClock(),
      ids: systemIds(),
      log: silent,
      closing: closing.signal,
    });
  const examples = await open();
  assertEquals(templates.map((template) => examples.of(template)), ids.map(() => null));
  examples.want();
  examples.want();
  await until(() => Promise.resolve(templates.every((one) => examples.of(one) !== null)), 60_000);
  assertEquals(accepted.length, ids.length);
  for (const template of templates) {
    const bytes = await examples.read(examples.of(template) ?? "");
    assertEquals(new TextDecoder().decode(bytes?.subarray(8, 12)), "WEBP", template.manifest.id);
    assert((bytes?.byteLength ?? 0) < 100_000, `${template.manifest.id}: ${bytes?.byteLength} bytes`);
  }
  const again = await open();
  assertEquals(templates.map((one) => again.of(one)), templates.map((one) => examples.of(one)));
  assertEquals(await again.read("../keys"), null);
  closing.abort();
});
