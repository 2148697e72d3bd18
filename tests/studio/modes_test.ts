/** Every mode of the shelf is asked wrongly, through the API of a real studio: each refusal names the field in a sentence, and nothing is kept. */
import { z } from "zod";
import { PLACES } from "@/core/places.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { openTestMedia } from "@/tests/films/watch.ts";
import { openRig, type Rig } from "@/tests/rig/rig.ts";
import type { Cast } from "@/tests/rig/person.ts";

const Preview = z.object({
  ok: z.boolean(),
  missing: z.array(z.object({ path: z.string(), message: z.string() })),
  frames: z.int().nullable(),
  seconds: z.number().nullable(),
  notes: z.array(z.string()),
});
const Offered = z.looseObject({
  mode: z.string(),
  submode: z.string().nullable(),
  length: z.looseObject({ min: z.number(), max: z.number().nullable() }).nullable(),
  rates: z.object({ min: z.number(), max: z.number() }).nullable(),
  rate: z.number().nullable(),
  places: z.array(
    z.looseObject({ place: z.enum(Object.keys(PLACES) as [keyof typeof PLACES]), required: z.boolean() }),
  ),
  settings: z.array(z.looseObject({ name: z.string(), kind: z.string(), max: z.number().nullable() })),
});
type Offered = z.infer<typeof Offered>;
const Problem = z.object({ fields: z.array(z.object({ path: z.string(), message: z.string() })) });

async function shots({ person }: Rig): Promise<Offered[]> {
  const { items } = await person.json(z.object({ items: z.array(Offered) }), "GET", "/modes");
  const found = items.filter(({ mode }) => ["ltx", "wan", "anime"].includes(mode));
  assertEquals(found.length, 12);
  return found;
}

/** A request of the mode with every file that it needs. */
function goodFor({ mode, submode, places }: Offered, { character, drive, voice }: Cast) {
  const of = { image: character, video: drive, audio: voice };
  const needed = places.filter(({ required }) => required).map(({ place }) => [place, of[PLACES[place]]]);
  return { mode, submode, prompt: "A fox", assets: Object.fromEntries(needed), settings: {} };
}

const SIDES = [0, -8, 100.5, 1_000_000, "wide"];
const LENGTHS = { seconds: [0, -1, 1_000_000, "long"], frames: [0, -8, 2.5, 10_000_000, "many"] };
const RATES = [0, -24, 23.5, 1000, "fast"];

/** Every wrong wish of the mode, by the path that must be named. */
function wrongWishes({ length, settings }: Offered): [string, Record<string, unknown>][] {
  const wishes: [string, Record<string, unknown>][] = [
    ...SIDES.flatMap((side): [string, Record<string, unknown>][] => [
      ["settings.width", { width: side }],
      ["settings.height", { height: side }],
    ]),
    ...RATES.map((frameRate): [string, Record<string, unknown>] => ["settings.frameRate", { frameRate }]),
    ["settings.preset", { preset: "best" }],
    ["settings.options.turbo", { options: { turbo: true } }],
  ];
  for (const name of ["seconds", "frames"] as const) {
    const values = length
      ? LENGTHS[name]
      : LENGTHS[name].filter((value) => typeof value !== "number" || value <= 0);
    wishes.push(
      ...values.map((value): [string, Record<string, unknown>] => [`settings.${name}`, { [name]: value }]),
    );
  }
  for (const { name, kind, max } of settings) {
    const values = kind === "choice" || kind === "bool" ? ["sideways", 7] : [-1, (max ?? 0) + 1, "much"];
    wishes.push(...values.map((value): [string, Record<string, unknown>] => [
      `settings.options.${name}`,
      { options: { [name]: value } },
    ]));
  }
  return wishes;
}

const Job = z.looseObject({ id: z.string(), settings: z.looseObject({ seed: z.string() }) });
const Detail = Job.extend({
  steps: z.array(z.looseObject({ asked: z.looseObject({ seed: z.string() }).nullable() })),
});

/** Ten minutes of next to nothing. */
async function longClip(rig: Rig): Promise<string> {
  const path = `${rig.dir}/long.mp4`;
  const picture = new Uint8Array(64 * 64 * 3).fill(128);
  const raw = {
    width: 64,
    height: 64,
    frames: ReadableStream.from(Array.from({ length: 600 }, () => picture)),
  };
  await (await openTestMedia()).encode({ raw, rate: { num: 1, den: 1 }, output: path });
  return await rig.person.upload("long.mp4", await Deno.readFile(path));
}

Deno.test("every mode is asked wrongly", async (t) => {
  await using rig = await openRig();
  const cast = await rig.person.bringCast();

  await t.step(
    "[LX4] [LX9] in each mode a missing file and every wrong size, length, rate, preset and strength is refused beside its field",
    async () => {
      const refused = async (body: unknown, what: string) => {
        const answer = await rig.person.send("POST", "/jobs", body);
        const text = await answer.text();
        assertEquals([what, answer.status], [what, 422], text);
        return Problem.parse(JSON.parse(text)).fields;
      };
      for (const offered of await shots(rig)) {
        const name = `${offered.mode}/${offered.submode}`;
        const good = goodFor(offered, cast);
        const needed = offered.places.filter(({ required }) => required);
        if (needed.length > 0) {
          const fields = await refused({ ...good, assets: {} }, `${name} without files`);
          assertEquals(fields.map(({ path }) => path), needed.map(({ place }) => `assets.${place}`));
          for (const { message } of fields) assertMatch(message, /^Add (a|the) [a-z ]+(: [a-z ]+)?\.$/);
        }
        for (const [path, settings] of wrongWishes(offered)) {
          const what = `${name} ${JSON.stringify(settings)}`;
          const fields = await refused({ ...good, settings }, what);
          assertEquals([what, ...fields.map((field) => field.path)], [what, path]);
          assert(fields.every(({ message }) => message.length > 5), what);
        }
      }
      assertEquals((await rig.person.page()).items, []);
    },
  );

  await t.step("[LX4] files that a mode does not use are left alone with a note", async () => {
    const { character, drive, voice } = cast;
    const all = {
      image: character,
      lastImage: character,
      video: drive,
      audio: voice,
      groundTruth: character,
    };
    for (const offered of await shots(rig)) {
      const body = { ...goodFor(offered, { character, drive, voice }), assets: all };
      const seen = await rig.person.json(Preview, "POST", "/jobs/preview", body);
      assertEquals([offered.submode, seen.ok, seen.missing], [offered.submode, true, []]);
      assert(seen.notes.some((note) => /(is|are) not used by this model\.$/.test(note)), String(seen.notes));
    }
  });

  await t.step(
    "[LX5] a keyframe film of one frame is refused with what is possible, and one second of it is eight frames and one",
    async () => {
      const { character } = cast;
      const ask = (settings: Record<string, unknown>) =>
        rig.person.json(Preview, "POST", "/jobs/preview", {
          mode: "ltx",
          submode: "keyframe",
          prompt: "A lamp is lit",
          assets: { image: character, lastImage: character },
          settings: { frameRate: 8, ...settings },
        });
      const one = await ask({ frames: 1 });
      assertEquals(one.missing, [{ path: "settings.frames", message: "must be from 8 to 240 frames" }]);
      assertEquals((await ask({ frames: 8 })).frames, 9);
      const second = await ask({ seconds: 1 });
      assertEquals([second.frames, second.seconds], [8, 1]);
      assertEquals(second.notes.at(-1), "Renders 9 frames and delivers 8, which is 1.00 s.");
    },
  );

  await t.step(
    "[LX9] a control without its clip is refused beside the clip, and a clip without a control is told to change nothing",
    async () => {
      const { character, drive } = cast;
      const ask = (control: string, video?: string) =>
        rig.person.json(Preview, "POST", "/jobs/preview", {
          mode: "ltx",
          submode: "i2v",
          prompt: "A lamp is lit",
          assets: { image: character, ...(video ? { video } : {}) },
          settings: { options: { control } },
        });
      const message = "Add the control clip: the setting “Control” needs it. Or set that to none.";
      assertEquals((await ask("poses")).missing, [{ path: "assets.video", message }]);
      const note = "The control clip changes nothing while the setting “Control” is none.";
      assert((await ask("none", drive)).notes.includes(note));
      const used = await ask("poses", drive);
      assertEquals([used.ok, used.notes.includes(note)], [true, false]);
    },
  );

  await t.step(
    "[LX7] without a wish the studio draws a seed, keeps it and shows it, and with it the work is the same again",
    async () => {
      const make = async (seed?: string) => {
        const body = {
          mode: "ltx",
          submode: "t2v",
          prompt: "A fox",
          settings: seed ? { seed } : {},
          start: false,
        };
        const { items } = await rig.person.json(z.object({ items: z.array(Job) }), "POST", "/jobs", body);
        const detail = await rig.person.json(Detail, "GET", `/jobs/${items[0]?.id}`);
        assertEquals(detail.steps.flatMap(({ asked }) => asked?.seed ?? []), [detail.settings.seed]);
        return detail.settings.seed;
      };
      const [one, other] = [await make(), await make()];
      assert(/^\d+$/.test(one) && one !== other, `${one} ${other}`);
      assertEquals(await make(one), one);
    },
  );

  await t.step(
    "[LX27] restyling a clip of ten minutes takes its beginning, and says when length or size are heavy",
    async () => {
      const { character, drive } = cast;
      const long = await longClip(rig);
      const ask = (video: string, settings: Record<string, unknown>) =>
        rig.person.json(Preview, "POST", "/jobs/preview", {
          mode: "ltx",
          submode: "style",
          prompt: "Ink on paper",
          assets: { image: character, video },
          settings: { frameRate: 8, ...settings },
        });
      const heavy = async (video: string, settings: Record<string, unknown>) => {
        const { ok, notes } = await ask(video, settings);
        assert(ok);
        return notes.map((note) =>
          /^(Only the first 30|1280 × 768 is much|More than 8 seconds)/.exec(note)?.[1]
        )
          .filter(Boolean);
      };
      assertEquals(await heavy(long, {}), ["Only the first 30", "More than 8 seconds"]);
      assertEquals((await ask(long, {})).seconds, 30);
      assertEquals(await heavy(long, { seconds: 8 }), []);
      assertEquals(await heavy(long, { seconds: 8.5, width: 1280, height: 768 }), [
        "1280 × 768 is much",
        "More than 8 seconds",
      ]);
      assertEquals(await heavy(drive, { seconds: 3, width: 1024, height: 576 }), []);
    },
  );
});
