/** The composer's state: places, modes, hiding, undo, restoring and the request that comes out. */
import {
  attach,
  begin,
  type Composer,
  edit,
  EMPTY,
  type HeldFile,
  hiddenChips,
  type Kind,
  lacksOf,
  learn,
  NO_WISHES,
  redo,
  remove,
  replace,
  requestOf,
  type Role,
  settingsOf,
  shownChips,
  standingNotes,
  submitted,
  undo,
} from "@/core/composer.ts";
import { fromStored, toStored } from "@/core/composer_stored.ts";
import { giveRole, rolesFor, takeOffered, wishesOf } from "@/core/composer_edits.ts";
import { NewJobBody } from "@/api/job_schemas.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const idOf = (key: string) => `019a0000-0000-7000-8000-${key.padStart(12, "0")}`;

function fileOf(kind: Kind | null, key: string | null): HeldFile {
  const size = { width: null, height: null, seconds: null, rate: null, thumbnail: null };
  return { name: `file.${kind}`, kind, assetId: key === null ? null : idOf(key), ...size };
}

/** Attaches uploaded files one after another: the key says which. */
function compose(...files: [key: string, kind: Kind | null, role?: Role][]): Composer {
  return files.reduce(
    (composer, [key, kind, role]) => attach(composer, { key, file: fileOf(kind, key), role, at: 0 }),
    begin(),
  );
}

const typed = (composer: Composer, prompt: string, at = 0) =>
  edit(composer, { prompt }, { name: "prompt", at });
const shown = (composer: Composer) => shownChips(composer).map(({ key, role }) => [key, role]);
const hidden = (composer: Composer) => hiddenChips(composer).map(({ key }) => key);
const modeOf = (composer: Composer) => composer.now.composition.mode;

Deno.test("a picture and a clip make Animate, a picture and a recording make Audio, in either order", () => {
  const animate = compose(["2", "video"], ["1", "image"]);
  assertEquals([modeOf(animate), shown(animate)], ["animate", [["1", "groundTruth"], ["2", "motionVideo"]]]);
  const audio = compose(["1", "image"], ["3", "audio"]);
  assertEquals([modeOf(audio), shown(audio)], ["audio", [["1", "groundTruth"], ["3", "audio"]]]);
});

Deno.test("[AX33] a change of mode hides what has no place there, keeps the shared files, submits no hidden one, and brings it back", () => {
  const both = typed(compose(["1", "image"], ["2", "video"], ["3", "audio"], ["4", "image"]), "A walk");
  assertEquals(modeOf(both), "audio");
  assertEquals(hidden(both), ["2"]);
  const request = requestOf(both);
  assertEquals(request.assets, { groundTruth: idOf("1"), audio: idOf("3"), references: [idOf("4")] });
  assert(!JSON.stringify(request).includes(idOf("2")));
  assert(NewJobBody.safeParse(request).success);
  const back = edit(both, { mode: "animate" }, { name: "", at: 1 });
  assertEquals(hidden(back), ["3"]);
  assertEquals(requestOf(back).assets, {
    groundTruth: idOf("1"),
    motionVideo: idOf("2"),
    references: [idOf("4")],
  });
  assert(NewJobBody.safeParse(requestOf(back)).success);
});

Deno.test("the first picture is the character, further ones are references, and a role can be asked for", () => {
  const pictures = compose(["1", "image"], ["2", "image"], ["3", "image", "poseSheet"], ["4", "image"]);
  assertEquals(shown(pictures), [
    ["1", "groundTruth"],
    ["2", "references"],
    ["4", "references"],
    ["3", "poseSheet"],
  ]);
  const audio = edit(pictures, { mode: "audio" }, { name: "", at: 1 });
  assertEquals(rolesFor("image", audio), ["groundTruth", "references", "poseSheet"]);
  assertEquals(rolesFor("video", audio), []);
});

Deno.test("a role that a file cannot have is not given to it", () => {
  assertEquals(shown(compose(["1", "video", "poseSheet"])), [["1", "motionVideo"]]);
});

Deno.test("a place for one file lets the former one go, and undo brings it back", () => {
  const second = compose(["1", "video"], ["2", "video"]);
  assertEquals(shown(second), [["2", "motionVideo"]]);
  assertEquals(shown(undo(second)), [["1", "motionVideo"]]);
});

Deno.test("two pictures change places when one becomes the character", () => {
  const swapped = giveRole(compose(["1", "image"], ["2", "image"]), { key: "2", role: "groundTruth", at: 0 });
  assertEquals(shown(swapped), [["2", "groundTruth"], ["1", "references"]]);
});

Deno.test("a replaced file keeps its role; one of another kind finds its own", () => {
  const two = compose(["1", "image"], ["2", "image", "poseSheet"]);
  const same = replace(two, { key: "2", by: "5", file: fileOf("image", "5"), at: 0 });
  assertEquals(shown(same), [["1", "groundTruth"], ["5", "poseSheet"]]);
  const other = replace(two, { key: "2", by: "6", file: fileOf("audio", "6"), at: 0 });
  assertEquals([modeOf(other), shown(other)], ["audio", [["1", "groundTruth"], ["6", "audio"]]]);
});

Deno.test("a file of unknown kind waits without a role, holds the job back, and is placed once it is probed", () => {
  const unknown = attach(compose(["1", "image"]), { key: "2", file: fileOf(null, null), at: 0 });
  assertEquals(shown(unknown), [["1", "groundTruth"], ["2", null]]);
  assert(lacksOf(unknown).includes("uploading"));
  const known = learn(unknown, "2", { kind: "audio", assetId: idOf("2") });
  assertEquals([modeOf(known), shown(known)], ["audio", [["1", "groundTruth"], ["2", "audio"]]]);
});

Deno.test("a wrong guess is corrected by the probe, in every state that undo can reach", () => {
  const guessed = typed(attach(begin(), { key: "1", file: fileOf("video", null), at: 0 }), "Song");
  const probed = learn(guessed, "1", { kind: "audio", assetId: idOf("1") });
  assertEquals(shown(probed), [["1", "audio"]]);
  assertEquals([modeOf(undo(probed)), shown(undo(probed))], ["audio", [["1", "audio"]]]);
});

Deno.test("what is known of a file survives undo and redo", () => {
  const attached = attach(begin(), { key: "1", file: fileOf("image", null), at: 0 });
  const removed = remove(attached, "1", 1);
  const uploaded = learn(removed, "1", { assetId: idOf("1"), width: 64 });
  assertEquals(requestOf(uploaded).assets, {});
  assertEquals(requestOf(undo(uploaded)).assets, { groundTruth: idOf("1") });
  assertEquals(requestOf(redo(undo(uploaded))).assets, {});
});

Deno.test("typing in one go is one step of undo, a pause begins another, and every field counts", () => {
  let composer = begin();
  for (const [index, text] of ["A", "A w", "A walk"].entries()) composer = typed(composer, text, index * 100);
  composer = typed(composer, "A walk home", 5000);
  composer = edit(composer, { submode: "mix" }, { name: "", at: 5001 });
  const seen = [];
  while (composer.past.length > 0) {
    composer = undo(composer);
    seen.push([composer.now.composition.prompt, composer.now.composition.submode]);
  }
  assertEquals(seen, [["A walk home", "move"], ["A walk", "move"], ["", "move"]]);
  assertEquals(undo(composer), composer);
  const forth = redo(redo(composer));
  assertEquals(forth.now.composition.prompt, "A walk home");
  assertEquals(typed(forth, "Else", 9000).future, []);
});

Deno.test("what is missing is named: words, files of the mode, uploads", () => {
  assertEquals(lacksOf(begin()), ["prompt", "groundTruth", "motionVideo"]);
  assertEquals(lacksOf(begin({ ...EMPTY, mode: "audio" })), ["prompt", "groundTruth", "audio"]);
  assertEquals(lacksOf(begin(), { promptOptional: true }), ["groundTruth", "motionVideo"]);
  assertEquals(lacksOf(typed(compose(["1", "image"], ["2", "video"]), "A walk")), []);
  const hiddenUpload = edit(
    attach(typed(compose(["1", "image"], ["3", "audio"]), "A song"), {
      key: "2",
      file: fileOf("video", null),
      at: 0,
    }),
    { mode: "audio" },
    { name: "", at: 1 },
  );
  assertEquals(lacksOf(hiddenUpload), []);
});

Deno.test("[AX46] the drawer's settings reach the request, seed 0 among them, and empty ones are left out", () => {
  const wishes = {
    width: "832",
    height: "480",
    seconds: "2,5",
    frames: "",
    frameRate: "24",
    preset: "fast",
    seed: "0",
    retries: "0",
    priority: "10",
    engine: "draft",
    count: "",
  };
  const settings = {
    width: 832,
    height: 480,
    seconds: 2.5,
    frameRate: 24,
    preset: "fast",
    seed: "0",
    retries: 0,
    priority: 10,
    engine: "draft",
  };
  assertEquals(settingsOf({ mode: "animate", wishes, options: {} }), settings);
  assertEquals("frameRate" in settingsOf({ mode: "audio", wishes, options: {} }), false);
  assertEquals(settingsOf({ mode: "animate", wishes: NO_WISHES, options: {} }), {});
  assertEquals(wishesOf(settings), { ...wishes, seconds: "2.5" });
  const composer = edit(typed(compose(["1", "image"], ["2", "video"]), "A walk"), {
    wishes,
    negativePrompt: "blur",
  }, { name: "", at: 0 });
  const request = NewJobBody.parse(requestOf(composer));
  assertEquals([request.negativePrompt, request.settings], ["blur", {
    ...settings,
    frameRate: 24 as const,
    engine: "draft" as const,
  }]);
});

Deno.test("after a job is made the files stay and the words go, and undo brings the words back", () => {
  const after = submitted(typed(compose(["1", "image"], ["2", "video"]), "A walk"), 9);
  assertEquals(after.now.composition.prompt, "");
  assertEquals(shown(after).length, 2);
  assertEquals(undo(after).now.composition.prompt, "A walk");
});

Deno.test("a reload restores words, settings and uploaded files; unfinished uploads and nonsense are left out", () => {
  const full = attach(typed(compose(["1", "image"], ["2", "video"], ["3", "audio"]), "A walk"), {
    key: "4",
    file: fileOf("image", null),
    at: 0,
  });
  const restored = fromStored(toStored(full));
  assert(restored !== null);
  assertEquals([modeOf(restored), shown(restored), hidden(restored)], [
    "audio",
    [["1", "groundTruth"], ["3", "audio"]],
    ["2"],
  ]);
  assertEquals(requestOf(restored).prompt, "A walk");
  for (const text of [null, "", "7", "null", "[]", "{broken"]) {
    const read = fromStored(text);
    assert(read === null || requestOf(read).prompt === undefined, String(text));
  }
  const strange = fromStored(
    '{"mode":"opera","chips":[null,{"key":"9"}],"files":{"1":null},"wishes":{"seed":5,"width":"64"}}',
  );
  assertEquals([strange && modeOf(strange), strange && shown(strange)], ["animate", []]);
  assertEquals(strange?.now.composition.wishes, { ...NO_WISHES, width: "64" });
});

Deno.test("a note beside a field goes when its value changes, and the others stay", () => {
  const notes = [{ path: "settings.width" }, { path: "assets.references.0" }, { path: "prompt" }];
  const sent = { settings: { width: 1 }, assets: { references: ["a"] } };
  const now = { settings: { width: 2 }, assets: { references: ["a"] } };
  assertEquals(standingNotes(notes, { sent, now }).map(({ path }) => path), [
    "assets.references.0",
    "prompt",
  ]);
});

Deno.test("several takes are asked for with their number, and the film after them is one again", () => {
  const one = typed(compose(["1", "image"], ["2", "video"]), "A walk");
  assertEquals(requestOf(one).count, undefined);
  const wishes = { ...one.now.composition.wishes, count: "4" };
  const four = edit(one, { wishes }, { name: "count", at: 1 });
  assert(NewJobBody.parse(requestOf(four)).count === 4);
  assertEquals(submitted(four, 2).now.composition.wishes.count, "");
});

Deno.test("what would work instead is another preset, a draft, or a setting as it usually is", () => {
  const composition = { ...EMPTY, options: { camera: "dolly_in", detailer: "true" } };
  const take = (field: string, preset: string | null = null) => takeOffered(composition, { field, preset });
  assertEquals(take("settings.preset", "fast").wishes.preset, "fast");
  assertEquals(take("settings.engine").wishes.engine, "draft");
  assertEquals(take("settings.options.camera").options, { camera: "", detailer: "true" });
  for (const field of ["mode", "", "settings.preset"]) assertEquals(take(field), composition);
});
