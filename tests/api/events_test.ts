/** The event stream: snapshot, resume, order, progress, heartbeat and end. */
import { z } from "zod";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { stages } from "@/core/words/stages.ts";
import { STREAMS_MAX } from "@/api/audience.ts";
import { expectProblem, makeJob, type Person, signUpCreator } from "./client.ts";
import { changeJob } from "./fake_jobs.ts";
import { type FakeStudio, makeStudio } from "./fake_studio.ts";

interface Told {
  id: string | null;
  event: string;
  data: unknown;
}

/** Reads a stream block by block. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #blocks: string[] = [];
  readonly #decoder = new TextDecoder();
  #rest = "";
  constructor(answer: Response) {
    assertEquals(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert(answer.body);
    this.#reader = answer.body.getReader();
  }
  async block(): Promise<string | null> {
    while (this.#blocks.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return null;
      const parts = (this.#rest + this.#decoder.decode(value, { stream: true })).split("\n\n");
      this.#rest = parts.pop() ?? "";
      this.#blocks.push(...parts);
    }
    return this.#blocks.shift() ?? null;
  }
  /** What comes next, but what is told of maintenance. */
  async next(): Promise<Told> {
    const told = await this.any();
    return told.event === "maintenance" ? await this.next() : told;
  }
  async any(): Promise<Told> {
    const block = await this.block();
    assert(block !== null, "the stream ended");
    const field = (name: string) =>
      block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    return {
      id: field("id") ?? null,
      event: field("event") ?? "",
      data: JSON.parse(field("data") ?? "null"),
    };
  }
  cancel = () => this.#reader.cancel();
}

async function open(person: Person, lastEventId?: number, query = ""): Promise<Reader> {
  const headers: Record<string, string> = lastEventId === undefined
    ? {}
    : { "last-event-id": String(lastEventId) };
  const reader = new Reader(await person.get(`/events${query}`, headers));
  assertEquals(await reader.block(), "retry: 2000");
  return reader;
}

async function setUp() {
  const studio = makeStudio();
  const person = await signUpCreator(studio);
  return { studio, person, id: await makeJob(person) };
}

const Snapshot = z.object({ jobs: z.array(z.looseObject({ id: z.string() })) });
const Held = z.object({ jobs: z.array(z.looseObject({ stage: z.string(), heldBack: z.boolean() })) });
const Delta = z.object({
  event: z.looseObject({ type: z.string() }),
  job: z.looseObject({ status: z.string() }),
});
const Share = z.looseObject({ jobId: z.string(), share: z.number() });

function progress(studio: FakeStudio, jobId: string, share: number): void {
  const userId = studio.kept.jobs.get(jobId)?.userId ?? "";
  studio.progress.publish({ jobId, userId, run: 1, share, stage: "Rendering", etaS: null });
}

Deno.test("a new client gets a snapshot, then every event in order under its sequence number", async () => {
  const { studio, person, id } = await setUp();
  studio.happen({ jobId: id, kind: "old", message: "Before.", body: {} });
  const reader = await open(person);
  const snapshot = await reader.next();
  assertEquals([snapshot.id, snapshot.event], ["1", "snapshot"]);
  assertEquals(Snapshot.parse(snapshot.data).jobs.map((job) => job.id), [id]);
  changeJob(studio.kept, id, { status: "queued" });
  studio.happen({ jobId: id, kind: "queued", message: "Waits.", body: {} });
  studio.happen({ jobId: id, kind: "granted", message: "Goes.", body: {} });
  const told = [await reader.next(), await reader.next()];
  assertEquals(told.map((one) => [one.id, one.event]), [["2", "job"], ["3", "job"]]);
  assertEquals(told.map((one) => Delta.parse(one.data).event.type), ["queued", "granted"]);
  assertEquals(Delta.parse(told[0]?.data).job.status, "queued");
  await reader.cancel();
});

Deno.test("a client that comes back goes on after its last event, with nothing twice and nothing left out", async () => {
  const { studio, person, id } = await setUp();
  for (let n = 1; n <= 450; n++) studio.happen({ jobId: id, kind: `e${n}`, message: "", body: {} });
  const reader = await open(person, 100);
  for (let n = 101; n <= 450; n++) assertEquals((await reader.next()).id, String(n));
  await reader.cancel();
});

Deno.test("a page that opens its stream anew says what it knows, and the header of a reconnection wins over it", async () => {
  const { studio, person, id } = await setUp();
  for (let n = 1; n <= 9; n++) studio.happen({ jobId: id, kind: `e${n}`, message: "", body: {} });
  assertEquals((await takeFirst(await open(person, undefined, "?after=4"))).id, "5");
  assertEquals((await takeFirst(await open(person, 7, "?after=4"))).id, "8");
  await expectProblem(person.get("/events?after=now"), 422, "request.invalid");
});

Deno.test("a client whose last event is no longer in the log gets a snapshot", async () => {
  const { studio, person, id } = await setUp();
  for (let n = 1; n <= 9; n++) studio.happen({ jobId: id, kind: "e", message: "", body: {} });
  studio.kept.events.splice(0, 5);
  assertEquals((await takeFirst(await open(person, 3))).event, "snapshot");
  assertEquals((await takeFirst(await open(person, 500))).event, "snapshot");
  assertEquals((await takeFirst(await open(person, 5))).id, "6");
});

async function takeFirst(reader: Reader): Promise<Told> {
  const told = await reader.next();
  await reader.cancel();
  return told;
}

Deno.test("progress says the run, the step, the time left and where the newest preview is; lists say the same", async () => {
  const { studio, person, id } = await setUp();
  const reader = await open(person);
  await reader.next();
  const step = { id: "render", title: "Part 1 of 1", share: 0.5 };
  const preview = { revision: 3, bytes: new Uint8Array([1]), type: "image/jpeg" };
  const userId = studio.kept.jobs.get(id)?.userId ?? "";
  const at = { title: "First pass", number: 3, of: 5, step: { value: 4, max: 20 } };
  const common = { jobId: id, run: 1, share: 0.4, stage: "Part 1 of 1", step, at };
  studio.progress.publish({ ...common, userId, etaS: 90, preview });
  const shown = { ...common, etaSeconds: 90, previewUrl: `/api/jobs/${id}/preview?revision=3` };
  assertEquals((await reader.next()).data, shown);
  await reader.cancel();
  const Job = z.looseObject({ progress: z.unknown() });
  const read = async () => (await person.json(Job, 200, person.get(`/jobs/${id}`))).progress;
  assertEquals(await read(), shown);
  changeJob(studio.kept, id, { run: 2 });
  assertEquals(await read(), null, "of an earlier run");
  changeJob(studio.kept, id, { run: 1, status: "failed" });
  assertEquals(await read(), null, "of a job that has ended");
});

Deno.test("nobody hears of the jobs of others", async () => {
  const { studio, person, id } = await setUp();
  const other = await signUpCreator(studio, "other@example.org");
  const own = await makeJob(other);
  const reader = await open(other);
  await reader.next();
  studio.happen({ jobId: id, kind: "secret", message: "", body: {} });
  progress(studio, id, 0.5);
  studio.happen({ jobId: own, kind: "own", message: "", body: {} });
  assertEquals(Delta.parse((await reader.next()).data).event.type, "own");
  await reader.cancel();
  assert(person.cookie !== other.cookie);
});

Deno.test("progress comes at most five times a second for a job, the newest value wins, and it has no id", async () => {
  const { studio, person, id } = await setUp();
  const reader = await open(person);
  await reader.next();
  progress(studio, id, 0.01);
  const seen = [await reader.next()];
  const reading = (async () => {
    while (seen.at(-1)?.event === "progress") seen.push(await reader.next());
  })();
  for (let tick = 0; tick < 10; tick++) {
    for (let n = 0; n < 10; n++) progress(studio, id, 0.1 + tick / 20 + n / 1000);
    studio.clock.advance(100);
    await settle();
  }
  studio.happen({ jobId: id, kind: "end", message: "", body: {} });
  await reading;
  const shares = seen.slice(0, -1);
  assert(shares.length <= 6, `${shares.length} in one second`);
  assert(shares.length >= 5, `${shares.length} in one second`);
  assertEquals(shares.map((one) => one.id), shares.map(() => null));
  const values = shares.map((one) => Share.parse(one.data).share);
  assertEquals(values, values.toSorted((a, b) => a - b));
  await reader.cancel();
});

/** Lets every promise that is ready run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a quiet stream beats every fifteen seconds and ends when the session has ended", async () => {
  const { studio, person } = await setUp();
  const reader = await open(person);
  await reader.next();
  const beat = reader.block();
  for (let n = 0; n < 16; n++) {
    await settle();
    studio.clock.advance(1000);
  }
  assertEquals(await beat, ": beat");
  studio.kept.sessions.clear();
  const end = reader.block();
  for (let n = 0; n < 17; n++) {
    await settle();
    studio.clock.advance(1000);
  }
  assertEquals(await end, null);
});

Deno.test("an event whose hint was lost is found by looking", async () => {
  const { studio, person, id } = await setUp();
  const reader = await open(person);
  await reader.next();
  const told = reader.next();
  await settle();
  studio.kept.events.push({ seq: 1, jobId: id, at: 0, kind: "silent", message: "", body: {} });
  for (let n = 0; n < 3; n++) {
    await settle();
    studio.clock.advance(1000);
  }
  assertEquals(Delta.parse((await told).data).event.type, "silent");
  await reader.cancel();
});

Deno.test("[XC20] streams end when the studio goes down, and leave nothing behind", async () => {
  const { studio, person } = await setUp();
  const reader = await open(person);
  await reader.next();
  const end = reader.block();
  await settle();
  studio.shutDown.abort();
  assertEquals(await end, null);
  assertEquals(studio.clock.sleeping, 0);
});

Deno.test("one stream more than a person may have ends the oldest, which is told to come back later", async () => {
  const { studio, person, id } = await setUp();
  const readers: Reader[] = [];
  for (let n = 0; n < STREAMS_MAX; n++) readers.push(await begin(person));
  // One that has left makes room.
  await readers.pop()?.cancel();
  readers.push(await begin(person));
  const other = await signUpCreator(studio, "other@example.org");
  const foreign = await begin(other);
  assertEquals(studio.kept.jobs.size, 1);
  readers.push(await begin(person));
  const [oldest, ...rest] = readers;
  assertEquals(await oldest?.block(), "retry: 60000\nevent: replaced\ndata: {}");
  assertEquals(await oldest?.block(), null);
  studio.happen({ jobId: id, kind: "news", message: "", body: {} });
  for (const reader of rest) {
    assertEquals(Delta.parse((await reader.next()).data).event.type, "news");
    await reader.cancel();
  }
  await foreign.cancel();
});

async function begin(person: Person): Promise<Reader> {
  const reader = await open(person);
  assertEquals((await reader.next()).event, "snapshot");
  return reader;
}

Deno.test("streams that begin together read one snapshot, and each goes on from where it was taken", async () => {
  const { studio, person, id } = await setUp();
  const gate = Promise.withResolvers<void>();
  const { list } = studio.jobs;
  let reads = 0;
  studio.jobs.list = async (...asked) => {
    reads++;
    await gate.promise;
    return await list(...asked);
  };
  const readers = await Promise.all([open(person), open(person), open(person)]);
  await settle();
  studio.happen({ jobId: id, kind: "meanwhile", message: "", body: {} });
  gate.resolve();
  for (const reader of readers) {
    assertEquals(Snapshot.parse((await reader.next()).data).jobs.map((job) => job.id), [id]);
    assertEquals(Delta.parse((await reader.next()).data).event.type, "meanwhile");
    await reader.cancel();
  }
  assertEquals(reads, 2, "live jobs and the newest ones, once each");
  await (await begin(person)).cancel();
  assertEquals(reads, 4, "a later stream reads its own");
});

Deno.test("a stream may be for some jobs only", async () => {
  const { studio, person, id } = await setUp();
  const other = await makeJob(person);
  const reader = await open(person, undefined, `?jobs=${other}`);
  assertEquals(Snapshot.parse((await reader.next()).data).jobs.map((job) => job.id), [other]);
  studio.happen({ jobId: id, kind: "no", message: "", body: {} });
  studio.happen({ jobId: other, kind: "yes", message: "line\nend", body: {} });
  assertEquals(Delta.parse((await reader.next()).data).event.type, "yes");
  await reader.cancel();
  const bad = await person.get("/events?jobs=x");
  assertEquals(bad.status, 422);
  assertMatch(await bad.text(), /"path":"jobs"/);
});

Deno.test("maintenance is told first of all, when it begins, changes its word and ends, with what films wait for", async () => {
  const { studio, person, id } = await setUp();
  changeJob(studio.kept, id, { status: "queued", stage: "Waits for a render server" });
  const reader = new Reader(await person.get("/events"));
  await reader.block();
  assertEquals((await reader.any()).data, { note: null });
  const stageIn = (
    { event, data }: Told,
  ) => [event, ...Held.parse(data).jobs.map(({ stage, heldBack }) => [stage, heldBack])];
  const waits: unknown = ["snapshot", ["Waits for a render server", false]];
  const held: unknown = ["snapshot", [stages.maintenance, true]];
  assertEquals(stageIn(await reader.any()), waits);
  const turn = async (note: string | null) => {
    studio.kept.maintenance = note === null ? null : { since: 1, note };
    studio.clock.advance(2000);
    const told = await reader.any();
    assertEquals([told.event, told.data, told.id], ["maintenance", { note }, null]);
  };
  await turn("New cards.");
  assertEquals(stageIn(await reader.next()), held);
  await turn("Back at six.");
  await turn(null);
  assertEquals(stageIn(await reader.next()), waits);
  await reader.cancel();
});

Deno.test("films say that the studio is in maintenance wherever they are read; what runs or waits for its owner does not", async () => {
  const { studio, person, id } = await setUp();
  const paused = await makeJob(person);
  changeJob(studio.kept, id, { status: "queued", stage: "Waits for a render server" });
  changeJob(studio.kept, paused, { status: "queued", stage: "Paused", paused: true });
  studio.kept.maintenance = { since: 1, note: "" };
  const Job = z.looseObject({ stage: z.string(), heldBack: z.boolean() });
  const read = async (job: string) => {
    const { stage, heldBack } = await person.json(Job, 200, person.get(`/jobs/${job}`));
    return [stage, heldBack];
  };
  assertEquals(await read(id), [stages.maintenance, true]);
  assertEquals(await read(paused), ["Paused", false]);
  studio.kept.maintenance = null;
  assertEquals(await read(id), ["Waits for a render server", false]);
});
