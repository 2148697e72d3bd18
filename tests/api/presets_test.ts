/** Named settings, and what the studio says can be asked for. */
import { z } from "zod";
import { assertEquals } from "@/tests/assert.ts";
import { expectProblem, Person, signUp, signUpCreator } from "./client.ts";
import { makeStudio } from "./fake_studio.ts";

const Preset = z.looseObject({ id: z.string(), name: z.string(), settings: z.looseObject({}) });
const Presets = z.object({ items: z.array(Preset) });

const DANCE = {
  name: " Dance ",
  mode: "animate",
  submode: "mix",
  negativePrompt: "blur",
  settings: { width: 832, height: 480, seed: "0", preset: "fast" },
};

Deno.test("a preset is kept, listed by name, changed and removed", async () => {
  const person = await signUpCreator(makeStudio());
  const made = await person.json(Preset, 201, person.post("/presets", DANCE));
  assertEquals([made.name, made.submode, made.negativePrompt, made.settings.seed], [
    "Dance",
    "mix",
    "blur",
    "0",
  ]);
  await person.json(Preset, 201, person.post("/presets", { name: "Aria", mode: "audio" }));
  const list = await person.json(Presets, 200, person.get("/presets"));
  assertEquals(list.items.map(({ name }) => name), ["Aria", "Dance"]);
  const changed = { ...DANCE, name: "Waltz", settings: { preset: "quality" } };
  const now = await person.json(Preset, 200, person.send("PUT", `/presets/${made.id}`, { body: changed }));
  assertEquals([now.id, now.name, now.settings.preset, now.settings.width], [
    made.id,
    "Waltz",
    "quality",
    undefined,
  ]);
  assertEquals((await person.send("DELETE", `/presets/${made.id}`)).status, 204);
  await expectProblem(person.send("DELETE", `/presets/${made.id}`), 404, "request.not_found");
  await expectProblem(person.send("PUT", `/presets/${made.id}`, { body: DANCE }), 404, "request.not_found");
});

Deno.test("a preset's name is taken once per person, and wrong settings are refused by their path", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const other = await signUp(studio, "other@example.org");
  await person.json(Preset, 201, person.post("/presets", DANCE));
  assertEquals(await expectProblem(person.post("/presets", DANCE), 409, "request.conflict"), ["name"]);
  await other.json(Preset, 201, other.post("/presets", DANCE));
  const wrong = { ...DANCE, name: "", settings: { seed: "-1", width: 5 } };
  assertEquals(
    (await expectProblem(person.post("/presets", wrong), 422, "request.invalid")).sort(),
    ["name", "settings.seed", "settings.width"],
  );
});

Deno.test("presets of others do not exist, and strangers learn nothing [XC11]", async () => {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  const other = await signUp(studio, "other@example.org");
  const { id } = await person.json(Preset, 201, person.post("/presets", DANCE));
  assertEquals((await other.json(Presets, 200, other.get("/presets"))).items, []);
  await expectProblem(other.send("PUT", `/presets/${id}`, { body: DANCE }), 404, "request.not_found");
  await expectProblem(other.send("DELETE", `/presets/${id}`), 404, "request.not_found");
  const stranger = new Person(studio);
  await expectProblem(stranger.get("/presets"), 401, "auth.required");
  await expectProblem(stranger.get("/modes"), 401, "auth.required");
});

Deno.test("a hundred presets are enough", async () => {
  const person = await signUpCreator(makeStudio());
  for (let n = 0; n < 100; n++) {
    await person.json(Preset, 201, person.post("/presets", { ...DANCE, name: `Dance ${n}` }));
  }
  assertEquals(await expectProblem(person.post("/presets", DANCE), 409, "request.conflict"), ["name"]);
});

Deno.test("the modes say their presets, sizes and which optional files the model uses [AX47]", async () => {
  const person = await signUpCreator(makeStudio({ referenceImagesMax: 3 }));
  const Modes = z.looseObject({
    items: z.array(z.looseObject({
      mode: z.string(),
      submode: z.string().nullable(),
      optional: z.array(z.object({ place: z.string(), title: z.string(), effect: z.string().nullable() })),
    })),
    engine: z.string(),
    limits: z.looseObject({ references: z.int() }),
  });
  const modes = await person.json(Modes, 200, person.get("/modes"));
  assertEquals(modes.items.map(({ mode, submode }) => `${mode} ${submode}`), [
    "animate mix",
    "animate move",
    "audio null",
  ]);
  assertEquals(modes.items[0]?.optional.map(({ place, effect }) => [place, effect]), [
    ["references", null],
    ["poseSheet", "Guides the pose loosely."],
  ]);
  assertEquals([modes.engine, modes.limits.references], ["draft", 3]);
});
