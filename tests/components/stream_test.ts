/** The life of a tab's stream, with a browser that is played. */
import { type Link, type Source, Stream, type Tab } from "@/components/live/stream.ts";
import type { News } from "@/components/live/news.ts";
import { assertEquals } from "@/tests/assert.ts";
import { shownJob } from "./jobs.ts";

class FakeSource implements Source {
  readyState = 0;
  onopen: Source["onopen"] = null;
  onerror: Source["onerror"] = null;
  isClosed = false;
  readonly #ears = new Map<string, (event: MessageEvent<string>) => void>();
  constructor(readonly url: string) {}
  addEventListener(type: string, hear: (event: MessageEvent<string>) => void): void {
    this.#ears.set(type, hear);
  }
  close(): void {
    this.isClosed = true;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }
  tell(type: string, data: unknown, id = ""): void {
    this.#ears.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: id }));
  }
  /** The connection broke; `readyState` 2 when the browser gives up. */
  break(readyState: 0 | 2): void {
    this.readyState = readyState;
    this.onerror?.(new Event("error"));
  }
}

class FakeTab implements Tab {
  readonly sources: FakeSource[] = [];
  readonly links: Link[] = [];
  readonly timers: { ms: number; act: () => void; isOff: boolean }[] = [];
  hidden = false;
  signedIn: boolean | "silent" = true;
  promised = false;
  turn: () => void = () => {};
  openSource(url: string): FakeSource {
    const source = new FakeSource(url);
    this.sources.push(source);
    return source;
  }
  isHidden = () => this.hidden;
  onTurn(turned: () => void): void {
    this.turn = turned;
  }
  isSignedIn(): Promise<boolean> {
    return this.signedIn === "silent" ? Promise.reject(new Error("down")) : Promise.resolve(this.signedIn);
  }
  after(ms: number, act: () => void): () => void {
    const timer = { ms, act, isOff: false };
    this.timers.push(timer);
    return () => void (timer.isOff = true);
  }
  hasPromised = () => this.promised;
  notes: (string | null)[] = [];
  onMaintenance = (note: string | null) => void this.notes.push(note);
  onLink = (link: Link) => void this.links.push(link);

  get last(): FakeSource {
    const source = this.sources.at(-1);
    if (!source) throw new Error("No stream was opened");
    return source;
  }
  /** Lets the timers of that length run out. */
  pass(ms: number): void {
    for (const timer of this.timers.splice(0)) {
      if (timer.ms !== ms) this.timers.push(timer);
      else if (!timer.isOff) timer.act();
    }
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

async function setUp(ids: string[] | null = null, after: number | null = null) {
  const tab = new FakeTab();
  const stream = new Stream(tab);
  const heard: News[] = [];
  const stop = stream.listen(ids, (news) => heard.push(news), after);
  await settle();
  return { tab, stream, heard, stop };
}

Deno.test("a tab opens one stream, however many listen, for what they want together", async () => {
  const tab = new FakeTab();
  const stream = new Stream(tab);
  const heard: string[] = [];
  stream.listen(["b"], (news) => heard.push(`b ${news.kind}`));
  stream.listen(["a"], (news) => heard.push(`a ${news.kind}`));
  await settle();
  assertEquals(tab.sources.map(({ url }) => url), ["/api/events?jobs=a%2Cb"]);
  tab.last.open();
  tab.last.tell("snapshot", { jobs: [shownJob()] }, "7");
  assertEquals(heard, ["b snapshot", "a snapshot"]);
  assertEquals(tab.links, ["opening", "open"]);
});

Deno.test("what is told of maintenance goes to the page, whichever films are listened to", async () => {
  const { tab, heard } = await setUp(["a"]);
  tab.last.open();
  tab.last.tell("maintenance", { note: "New cards." });
  tab.last.tell("maintenance", { note: null });
  assertEquals([tab.notes, heard], [["New cards.", null], []]);
});

Deno.test("it closes while the page is hidden and goes on from the last event when it is seen again", async () => {
  const { tab, heard } = await setUp(["a"], 4);
  assertEquals(tab.last.url, "/api/events?jobs=a&after=4");
  tab.last.open();
  tab.last.tell("job", { event: { seq: 9, jobId: "a" }, job: null }, "9");
  tab.last.tell("progress", { jobId: "a", share: 0.5 });
  tab.hidden = true;
  tab.turn();
  await settle();
  assertEquals([tab.last.isClosed, tab.links.at(-1)], [true, "off"]);
  tab.hidden = false;
  tab.turn();
  await settle();
  assertEquals(tab.last.url, "/api/events?jobs=a&after=9");
  assertEquals(heard.map(({ kind }) => kind), ["job", "progress"]);
});

Deno.test("a page that promised to tell the end keeps listening while hidden", async () => {
  const { tab } = await setUp();
  tab.promised = true;
  tab.hidden = true;
  tab.turn();
  await settle();
  assertEquals(tab.last.isClosed, false);
});

Deno.test("it closes when nobody listens any more", async () => {
  const { tab, stop } = await setUp();
  stop();
  await settle();
  assertEquals([tab.last.isClosed, tab.sources.length], [true, 1]);
});

Deno.test("a short break is not told; a longer one is, until the stream is back", async () => {
  const { tab } = await setUp();
  tab.last.open();
  tab.last.break(0);
  tab.last.open();
  tab.pass(2500);
  assertEquals(tab.links, ["opening", "open"]);
  tab.last.break(0);
  tab.pass(2500);
  assertEquals(tab.links.at(-1), "lost");
  tab.last.open();
  assertEquals(tab.links.at(-1), "open");
});

Deno.test("a stream that was refused is opened anew, later and later, while the studio is down", async () => {
  const { tab } = await setUp();
  tab.signedIn = "silent";
  for (const [n, wait] of [2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
    tab.last.break(2);
    await settle();
    assertEquals(tab.sources.length, n + 1);
    tab.pass(wait);
    await settle();
    assertEquals(tab.sources.length, n + 2, `after ${wait} ms`);
  }
  tab.last.open();
  tab.last.break(2);
  tab.pass(2000);
  await settle();
  assertEquals(tab.sources.length, 8, "an answer makes it patient again");
});

Deno.test("an ended session is told and nothing is tried again", async () => {
  const { tab } = await setUp();
  tab.signedIn = false;
  tab.last.break(2);
  await settle();
  assertEquals(tab.links.at(-1), "signed_out");
  for (const { ms } of [...tab.timers]) tab.pass(ms);
  tab.turn();
  await settle();
  assertEquals([tab.sources.length, tab.links.at(-1)], [1, "signed_out"]);
});

Deno.test("a stream that other tabs took waits until its page is looked at again", async () => {
  const { tab } = await setUp();
  tab.last.open();
  tab.last.tell("replaced", {});
  assertEquals([tab.last.isClosed, tab.links.at(-1)], [true, "crowded"]);
  tab.hidden = true;
  tab.turn();
  await settle();
  assertEquals(tab.sources.length, 1);
  tab.hidden = false;
  tab.turn();
  await settle();
  assertEquals(tab.sources.length, 2);
});
