/** The player: exact frames, clips as one film, two films locked together, and the keys. */
import { choicesOf, pickPair } from "@/components/compare/choices.ts";
import { Pair, type Screen as PairScreen } from "@/components/compare/pair.ts";
import { type Keys, meaningOf } from "@/components/player/keys.ts";
import { frameAt, nextSpeed, placeAt, playable, tenths, timeOfFrame } from "@/components/player/reel.ts";
import { type Screen, Transport } from "@/components/player/transport.ts";
import { assertEquals } from "@/tests/assert.ts";
import { shownDetail, shownJob, shownTake } from "./jobs.ts";

const RATE = { num: 30, den: 1 };

class FakeScreen implements Screen, PairScreen {
  currentTime = 0;
  duration = 5;
  playbackRate = 1;
  muted = false;
  isPlaying = false;
  requestVideoFrameCallback = () => 0;
  pause(): void {
    this.isPlaying = false;
  }
  play(): Promise<void> {
    this.isPlaying = true;
    return Promise.resolve();
  }
}

Deno.test("every frame of every usual rate is found again from its time", () => {
  for (const rate of [RATE, { num: 16, den: 1 }, { num: 24000, den: 1001 }, { num: 30000, den: 1001 }]) {
    for (let frame = 0; frame < 2000; frame++) {
      assertEquals(frameAt(timeOfFrame(frame, rate), rate), frame);
      // Browsers tell the beginning of a frame, rounded down to a millionth.
      assertEquals(frameAt(Math.floor(frame * rate.den / rate.num * 1e6) / 1e6, rate), frame);
    }
  }
});

Deno.test("a time of the film is a time in one of its clips", () => {
  const clips = [{ url: "a", seconds: 5 }, { url: "b", seconds: 4.5 }, { url: "c", seconds: null }];
  assertEquals(placeAt(clips, 0), { index: 0, within: 0 });
  assertEquals(placeAt(clips, 5), { index: 1, within: 0 });
  assertEquals(placeAt(clips, 7), { index: 1, within: 2 });
  assertEquals(playable(clips).map(({ url }) => url), ["a", "b"]);
  assertEquals(playable([{ url: "a", seconds: null }]).length, 1);
});

Deno.test("times are told in tenths, and speeds go round", () => {
  assertEquals([0, 3.6, 59.96, 65.25].map(tenths), ["0:00.0", "0:03.6", "0:59.9", "1:05.2"]);
  assertEquals([1, 1.5, 2, 0.25, 7].map(nextSpeed), [1.5, 2, 0.25, 0.5, 0.25]);
});

function openTransport() {
  const transport = new Transport(RATE);
  transport.load([{ url: "a", seconds: 5 }, { url: "b", seconds: 4 }]);
  const [a, b] = [new FakeScreen(), new FakeScreen()];
  transport.attach("a", a);
  return { transport, a, b };
}

Deno.test("clips play one after the other as one film", () => {
  const { transport, a, b } = openTransport();
  transport.toggle();
  transport.changed("a", true);
  transport.moved("a", 4.9);
  assertEquals([a.isPlaying, transport.isPlaying.value, transport.at.value], [true, true, 4.9]);
  transport.ended("a");
  assertEquals([transport.index.value, transport.at.value], [1, 5]);
  transport.attach("b", b);
  assertEquals([b.isPlaying, b.currentTime], [true, 0]);
  transport.moved("b", 1);
  assertEquals([transport.at.value, transport.frame.value], [6, 180]);
  transport.moved("a", 2);
  assertEquals(transport.at.value, 6, "a clip that is not seen says nothing");
  transport.ended("b");
  assertEquals(transport.isPlaying.value, false);
});

Deno.test("at the end a loop begins again, and so does pressing play", () => {
  for (const loops of [true, false]) {
    const { transport, a } = openTransport();
    transport.seek(timeOfFrame(269, RATE), true);
    if (loops) transport.loop();
    transport.ended("b");
    if (!loops) transport.toggle();
    assertEquals([transport.index.value, a.isPlaying, a.currentTime], [0, true, 0]);
  }
});

Deno.test("a step stands still on exactly one frame, also over the border of two clips", () => {
  const { transport, a, b } = openTransport();
  transport.toggle();
  transport.seek(timeOfFrame(149, RATE));
  transport.step(1);
  assertEquals([transport.index.value, transport.frame.value, a.isPlaying], [1, 150, false]);
  transport.attach("b", b);
  assertEquals([frameAt(b.currentTime, RATE), b.isPlaying], [0, false]);
  transport.step(-1);
  assertEquals([transport.frame.value, frameAt(a.currentTime, RATE)], [149, 149]);
});

Deno.test("nothing is sought before the beginning or behind the end", () => {
  const { transport } = openTransport();
  transport.seek(-3);
  assertEquals(transport.at.value, 0);
  transport.step(-1);
  assertEquals(transport.frame.value, 0);
  transport.seek(99);
  assertEquals(transport.frame.value, 269);
});

Deno.test("clips that come later join the film that plays, and lengths that were read are kept", () => {
  const { transport } = openTransport();
  transport.measured("b", 4.5);
  transport.load([{ url: "a", seconds: null }, { url: "b", seconds: null }, { url: "c", seconds: 2 }]);
  assertEquals(transport.total.value, 11.5);
  transport.measured("c", Infinity);
  assertEquals(transport.total.value, 11.5);
});

Deno.test("speed and silence hold for every clip", () => {
  const { transport, a, b } = openTransport();
  transport.setSpeed(0.5);
  transport.mute();
  transport.seek(6);
  transport.attach("b", b);
  assertEquals([a.playbackRate, a.muted, b.playbackRate, b.muted], [0.5, true, 0.5, true]);
});

function openPair() {
  const pair = new Pair(RATE);
  const [a, b] = [new FakeScreen(), new FakeScreen()];
  pair.attach(a, b);
  pair.measured("a", 5);
  pair.measured("b", 4);
  return { pair, a, b };
}

Deno.test("two films are locked together by the frame, as long as the shorter one", () => {
  const { pair, a, b } = openPair();
  assertEquals(pair.total.value, 4);
  pair.seek(2);
  assertEquals([a.currentTime, frameAt(b.currentTime, RATE)], [b.currentTime, 60]);
  pair.step(1);
  assertEquals([pair.frame.value, a.currentTime], [61, b.currentTime]);
  pair.seek(99);
  assertEquals(pair.frame.value, 119);
});

Deno.test("while they play the second one is brought back when it falls behind", () => {
  const { pair, a, b } = openPair();
  pair.toggle();
  assertEquals([a.isPlaying, b.isPlaying], [true, true]);
  a.currentTime = 1;
  b.currentTime = 0.97;
  pair.moved(1);
  assertEquals(b.currentTime, 0.97, "less than a frame and a half is not seen");
  b.currentTime = 0.8;
  pair.moved(1);
  assertEquals(b.currentTime, 1);
});

Deno.test("a range is looped", () => {
  const { pair, a, b } = openPair();
  pair.seek(1);
  pair.markFrom();
  pair.seek(2);
  pair.markTo();
  pair.seek(1.5);
  pair.toggle();
  pair.moved(2.034);
  assertEquals([frameAt(a.currentTime, RATE), a.isPlaying, b.isPlaying], [30, true, true]);
  pair.clearRange();
  assertEquals(pair.range.value, null);
});

Deno.test("one of the two is heard", () => {
  const { pair, a, b } = openPair();
  assertEquals([a.muted, b.muted], [false, true]);
  pair.hear("b");
  assertEquals([a.muted, b.muted], [true, false]);
  pair.hear(null);
  assertEquals([a.muted, b.muted], [true, true]);
});

Deno.test("takes of a part and films that belong together can be compared", () => {
  const result = {
    type: "film",
    url: "/f",
    downloadUrl: "/d",
    posterUrl: null,
    seconds: 1,
    width: 1,
    height: 1,
  };
  const steps = [
    shownTake(1),
    shownTake(2, { chosen: false }),
    shownTake(2, { take: 1 }),
    shownTake(2, { take: 2 }),
  ];
  const job = shownDetail({ steps, result });
  const parent = shownJob({ id: "parent", title: "The first try", result });
  const choices = choicesOf(job, [parent]);
  assertEquals(choices.map(({ name }) => name), [
    "Part 2, take 1",
    "Part 2, take 2",
    "Part 2, take 3",
    "The whole film",
    "The first try",
  ]);
  const picked = (a: string | null, b: string | null) => {
    const pair = pickPair(choices, { a, b });
    return [pair?.a.name, pair?.b.name];
  };
  assertEquals(picked(null, null), ["Part 2, take 2", "Part 2, take 3"]);
  assertEquals(picked("chunk-002.0", "film.parent"), ["Part 2, take 1", "The first try"]);
  assertEquals(picked("no such", null), ["Part 2, take 2", "Part 2, take 3"]);
  assertEquals(pickPair(choicesOf(shownDetail(), []), { a: null, b: null }), null);
});

Deno.test("each key has one meaning", () => {
  const told: string[] = [];
  const tell = (name: string) => (by?: number) => void told.push(by === undefined ? name : `${name} ${by}`);
  const keys: Keys = {
    toggle: tell("toggle"),
    seek: tell("seek"),
    step: tell("step"),
    loop: tell("loop"),
    mute: tell("mute"),
    full: tell("full"),
  };
  for (const key of [" ", "ArrowLeft", "ArrowRight", ",", ".", "l", "f", "m", "x"]) meaningOf(key, keys)?.();
  assertEquals(told, ["toggle", "seek -1", "seek 1", "step -1", "step 1", "loop", "full", "mute"]);
});
