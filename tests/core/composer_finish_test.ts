/** Wishes for a finished film, from the composer's fields to the request and back. */
import { finishOf, templateOf } from "@/core/composer_finish.ts";
import { typedFinish } from "@/core/composer_edits.ts";
import { begin, EMPTY, requestOf } from "@/core/composer.ts";
import { formsOf } from "@/core/forms.ts";
import { makeOffer } from "@/core/offer.ts";
import { readJobRequest } from "@/core/request.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const TYPED = {
  "finish.trim.start": "0,5",
  "finish.trim.end": "3",
  "finish.interpolate": "2",
  "finish.upscale": "4",
  "finish.loudness": "true",
  "stopAfterFirstPass": "true",
};
const MEANT = {
  stopAfterFirstPass: true,
  finish: { trim: { start: 0.5, end: 3 }, interpolate: 2, upscale: 4, loudness: true },
};
const all = Object.keys(TYPED).map((name) => ({ name }));

Deno.test("what is typed becomes the wish, and what is off or empty does not", () => {
  assertEquals(finishOf(TYPED, all), MEANT);
  assertEquals(
    finishOf({ "finish.upscale": "off", "finish.loudness": "false", "finish.trim.end": "" }, all),
    {},
  );
  assertEquals(finishOf({ "finish.trim.end": "2" }, all), { finish: { trim: { start: 0, end: 2 } } });
  assertEquals(finishOf(TYPED, []), {}, "a mode that has none of it asks for none");
  assertEquals(Object.keys(finishOf(TYPED)), ["finish"], "films of many parts have no first pass");
});

Deno.test("a kept wish is typed again as it was", () => {
  assertEquals(finishOf(typedFinish(MEANT), all), MEANT);
  assertEquals(typedFinish({ width: 320 }), {});
});

Deno.test("another model is asked for only where it stands for the mode's usual one", () => {
  assertEquals(templateOf({ template: "animate/move2" }, "animate/move"), { template: "animate/move2" });
  assertEquals(templateOf({ template: "animate/move" }, "animate/move"), {});
  assertEquals(templateOf({ template: "animate/move2" }, "animate/mix"), {});
});

Deno.test("every mode that makes films offers the same finishing, two passes where there are two, and the second Animate model", async () => {
  const { modes } = makeOffer((await readShelf()).templates, "draft");
  for (const { mode, submode, delivers, finishing } of modes) {
    const names = finishing.map(({ name }) => name);
    const isFilm = delivers === "film";
    assertEquals(names.includes("finish.interpolate"), isFilm, `${mode} ${submode}`);
    const hasTwo = mode === "take" || (mode === "wan" && submode !== "vace");
    assertEquals(names.includes("stopAfterFirstPass"), hasTwo, `${mode} ${submode}`);
    assertEquals(names.includes("template"), mode === "animate" && submode === "move", `${mode} ${submode}`);
  }
  assert(!modes.some(({ mode }) => mode === "finish"));
});

Deno.test("the composer's request with every wish is one that the studio reads", async () => {
  const { modes } = makeOffer((await readShelf()).templates, "draft");
  const composition = { ...EMPTY, mode: "wan/t2v", prompt: "A fox", options: TYPED };
  const wish = requestOf(begin(composition, {}, formsOf(modes)));
  const read = readJobRequest(wish);
  assert(read.ok, JSON.stringify(read));
  const { finish, stopAfterFirstPass } = read.value.settings;
  assertEquals<unknown>({ finish, stopAfterFirstPass }, MEANT);
});
