/** Long takes before they are made: where files belong, and what each take asks for. */
import { assertEquals } from "@/tests/assert.ts";
import { JobRequest } from "@/core/request.ts";
import {
  addRead,
  changeEntry,
  dropLine,
  EMPTY_SHEET,
  homeOf,
  kindOfFile,
  requestOfTake,
  USUAL_WAY,
} from "@/core/take_sheet.ts";

const READ = [
  {
    name: "x/harbour.txt",
    take: { name: "Harbour", frames: 40, prompt: "A {wet} harbour", negativePrompt: "" },
  },
  { name: "train.txt", take: { name: "Train", frames: 9, prompt: "A train", negativePrompt: "blurry" } },
].map((one) => ({ ...one, faults: [], text: null }));
const BAD = { name: "bad.txt", take: null, faults: [{ block: 2, line: 3, text: "no" }], text: "bad" };

const SHEET = addRead(EMPTY_SHEET, [...READ, BAD], (at) => `k${at}`);

Deno.test("files that were read become takes, and those with faults stand beside them", () => {
  assertEquals(SHEET.entries.map(({ key, source, frames }) => [key, source, frames]), [
    ["k0", "x/harbour.txt", "40"],
    ["k1", "train.txt", "9"],
  ]);
  assertEquals(SHEET.bad.map(({ key, name }) => [key, name]), [["k2", "bad.txt"]]);
  assertEquals(dropLine(dropLine(SHEET, "k0"), "k2").entries.map(({ key }) => key), ["k1"]);
});

Deno.test("[PR7] a picture and a clip belong to the prompt file of the same name, in any folder and any case", () => {
  const home = (name: string, entries = SHEET.entries) =>
    homeOf(entries, { name, place: "image" })?.key ?? null;
  assertEquals(["Harbour.PNG", "y/train.jpeg", "boat.png"].map((name) => home(name)), ["k0", "k1", null]);
  // A take that is alone takes any, but only where it has none.
  const alone = dropLine(SHEET, "k1");
  assertEquals(home("boat.png", alone.entries), "k0");
  const full = changeEntry(alone, "k0", { image: { name: "a.png", assetId: null, thumbnail: null } });
  assertEquals(home("boat.png", full.entries), null);
  assertEquals(["a.TXT", "a.zip", "b.webp", "c.MOV", "d.bmp"].map(kindOfFile), [
    "prompts",
    "prompts",
    "image",
    "video",
    null,
  ]);
});

Deno.test("a take asks for what was typed, and what is no number is left for the studio to judge", () => {
  const [entry] = SHEET.entries;
  if (!entry) throw new Error("nothing was read");
  const whole = requestOfTake({ ...entry, image: { name: "a", assetId: null, thumbnail: null } }, {
    ...USUAL_WAY,
    overlap: "4",
    seams: "blend",
    correct: false,
    firstPass: true,
  });
  assertEquals(whole, {
    mode: "take",
    title: "Harbour",
    prompt: "A {wet} harbour",
    negativePrompt: "",
    assets: {},
    settings: { frames: 40, stopAfterFirstPass: true },
    take: { chunk: 100, overlap: 4, seams: "blend", correct: false, keep: true },
  });
  assertEquals(JobRequest.safeParse(whole).success, true);
  const odd = requestOfTake({ ...entry, frames: "many", prompt: "{a|b}" }, { ...USUAL_WAY, chunk: "" });
  assertEquals([odd.settings, odd.prompt], [{ frames: "many" }, "\\{a\\|b\\}"]);
  assertEquals(odd.take, { overlap: 0, seams: "keep", correct: true, keep: true });
  const bare = requestOfTake(entry, { ...USUAL_WAY, keep: false });
  assertEquals(Object(bare.take).keep, false);
});
