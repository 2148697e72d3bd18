/** The composer in every mode of the shelf: what fills which place, what is asked for, and what stays when the mode changes. */
import { NewJobBody } from "@/api/job_schemas.ts";
import {
  attach,
  begin,
  chooseMode,
  type Composer,
  edit,
  EMPTY,
  hiddenChips,
  type Kind,
  lacksOf,
  NO_WISHES,
  redo,
  requestOf,
  shownChips,
  undo,
} from "@/core/composer.ts";
import { optionsOf, wishesOf } from "@/core/composer_edits.ts";
import { fromStored, toStored } from "@/core/composer_stored.ts";
import { formsOf } from "@/core/forms.ts";
import { isLong, modeId } from "@/core/modes.ts";
import { makeOffer, type OfferedMode } from "@/core/offer.ts";
import { PLACES } from "@/core/places.ts";
import { readJobRequest } from "@/core/request.ts";
import { readShelf } from "@/tests/workflows/shelf.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const { templates } = await readShelf();
const { modes } = makeOffer(templates, "draft");
const forms = formsOf(modes);
const SHOTS = modes.filter(({ mode }) => !isLong(mode));

const uuid = (key: string) => `019a0000-0000-7000-8000-${key.padStart(12, "0")}`;

function add(composer: Composer, key: string, kind: Kind): Composer {
  const unknown = { width: null, height: null, seconds: null, rate: null, thumbnail: null };
  const file = { name: `${key}.${kind}`, kind, assetId: uuid(key), ...unknown };
  return attach(composer, { key, file, at: 0 });
}

function inMode(mode: string, ...files: Kind[]): Composer {
  const empty = begin({ ...EMPTY, mode, prompt: "A fox" }, {}, forms);
  return files.reduce((composer, kind, n) => add(composer, String(n + 1), kind), empty);
}

const roles = (composer: Composer) =>
  shownChips(composer).map(({ key, role }) => `${key} ${role}`).join(", ");
const hidden = (composer: Composer) => hiddenChips(composer).map(({ key }) => key);
const needs = ({ places }: OfferedMode) => places.filter(({ required }) => required);

Deno.test("every mode of the shelf is offered once, with a name, an icon, what it takes and what it can be told", () => {
  assertEquals(SHOTS.map(modeId).sort(), [
    "anime/loop",
    "anime/still",
    "anime/still_reference",
    ...["a2v", "i2v", "keyframe", "lipsync", "style", "t2v"].map((one) => `ltx/${one}`),
    "take",
    ...["i2v", "t2v", "vace"].map((one) => `wan/${one}`),
  ]);
  for (const one of modes) {
    assert(one.icon !== "" && one.description !== "" && !/[_/]/.test(one.name + one.fullName), modeId(one));
    assertEquals(new Set(one.presets.map(({ name }) => name)), new Set(["fast", "balanced", "quality"]));
  }
});

Deno.test("[LX4] each mode says which files it lacks, takes them in its places, and asks for a job that the API accepts", () => {
  for (const one of SHOTS) {
    const empty = inMode(modeId(one));
    assertEquals(lacksOf(empty), needs(one).map(({ place }) => place), modeId(one));
    const full = inMode(modeId(one), ...needs(one).map(({ place }) => PLACES[place]));
    assertEquals(lacksOf(full), [], modeId(one));
    const request = NewJobBody.parse(requestOf(full));
    assertEquals([request.mode, request.submode], [one.mode, one.submode]);
    assertEquals(Object.keys(requestOf(full).assets as object), needs(one).map(({ place }) => place));
    assert(readJobRequest(requestOf(full)).ok, modeId(one));
  }
});

Deno.test("files that come into a mode fill the places that it needs, then free ones, then the last of their kind", () => {
  assertEquals(roles(inMode("ltx/keyframe", "image", "image", "video")), "1 image, 2 lastImage, 3 video");
  assertEquals(roles(inMode("ltx/keyframe", "image", "image", "image")), "1 image, 3 lastImage");
  assertEquals(roles(inMode("anime/still_reference", "image", "image")), "1 image, 2 poseSheet");
  const words = inMode("ltx/t2v", "image", "audio");
  assertEquals([roles(words), hidden(words)], ["", ["1", "2"]]);
  assertEquals(words.now.composition.mode, "ltx/t2v");
  assertEquals(requestOf(words).assets, {});
});

Deno.test("[AX33] a change of mode takes the files along where they are needed, hides the others, and brings them back", () => {
  const animate = inMode("animate", "image", "video", "image");
  const lipsync = chooseMode(add(animate, "4", "audio"), "ltx/lipsync", 1);
  assertEquals([roles(lipsync), hidden(lipsync)], ["1 image, 4 audio", ["2", "3"]]);
  assertEquals(requestOf(lipsync).assets, { image: uuid("1"), audio: uuid("4") });
  const keyframe = chooseMode(lipsync, "ltx/keyframe", 2);
  assertEquals([roles(keyframe), hidden(keyframe)], ["1 image, 3 lastImage", ["2", "4"]]);
  const back = chooseMode(keyframe, "animate", 3);
  assertEquals([roles(back), hidden(back)], ["1 groundTruth, 2 motionVideo, 3 references", ["4"]]);
  assertEquals(undo(back).now.composition.mode, "ltx/keyframe");
  assertEquals(roles(redo(undo(back))), roles(back));
});

const WISHES = { ...NO_WISHES, width: "512", seconds: "3", frames: "81", frameRate: "30", preset: "fast" };
const OPTIONS = { camera: "dolly_in", cameraStrength: "1,2", detailer: "true", likeness: "0.5" };

Deno.test("[LX9] only settings that the mode has are asked for, each in its own kind", () => {
  const settings = (mode: string) =>
    requestOf(edit(inMode(mode), { wishes: WISHES, options: OPTIONS }, { name: "", at: 1 })).settings;
  const common = { width: 512, preset: "fast" };
  const camera = { camera: "dolly_in", cameraStrength: 1.2, detailer: true };
  const long = { seconds: 3, frames: 81 };
  assertEquals(settings("ltx/t2v"), { ...common, ...long, frameRate: 30, options: camera });
  assertEquals(settings("wan/t2v"), { ...common, ...long });
  assertEquals(settings("anime/still_reference"), { ...common, options: { likeness: 0.5 } });
  assertEquals(settings("anime/loop"), common);
  assertEquals(settings("animate"), { ...common, seconds: 3, frameRate: 30 });
});

Deno.test("a long take is as long as one says, and its model files are nobody's setting", () => {
  const wishes = { ...NO_WISHES, frames: "300" };
  const request = requestOf(edit(inMode("take", "video"), { wishes }, { name: "", at: 1 }));
  assertEquals(request, {
    mode: "take",
    prompt: "A fox",
    assets: { video: uuid("1") },
    settings: { frames: 300 },
  });
  assert(NewJobBody.safeParse(request).success);
  assertEquals(modes.find(({ mode }) => mode === "take")?.settings.map(({ name }) => name), ["strength"]);
});

Deno.test("the clip's own frame rate is asked for where there is a clip alone", () => {
  const rate = (mode: string) => {
    const wishes = { ...NO_WISHES, frameRate: "source" };
    const { settings } = requestOf(edit(inMode(mode), { wishes }, { name: "", at: 1 }));
    return (settings as { frameRate?: unknown }).frameRate;
  };
  assertEquals(["ltx/style", "ltx/t2v", "wan/vace"].map(rate), ["source", undefined, undefined]);
});

Deno.test("a reload brings mode, files and own settings back; a mode that is gone becomes Animate", () => {
  const full = edit(inMode("ltx/keyframe", "image", "image"), { options: OPTIONS }, { name: "", at: 1 });
  const restored = fromStored(toStored(full), forms);
  assert(restored !== null);
  assertEquals([restored.now.composition.mode, roles(restored)], ["ltx/keyframe", "1 image, 2 lastImage"]);
  assertEquals(restored.now.composition.options, OPTIONS);
  assertEquals(fromStored(toStored(inMode("custom/gone")), forms)?.now.composition.mode, "animate");
});

Deno.test("settings of a job come back as they were typed", () => {
  const settings = {
    frames: 81,
    frameRate: 8,
    options: { camera: "static", cameraStrength: 1.2, detailer: true },
  };
  assertEquals(wishesOf(settings), { ...NO_WISHES, frames: "81", frameRate: "8" });
  assertEquals(optionsOf(settings), { camera: "static", cameraStrength: "1.2", detailer: "true" });
  assertEquals(optionsOf({}), {});
});
