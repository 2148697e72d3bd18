/** Two hundred browsers that look on: the memory that their event streams cost, and how late an event reaches them. */
import { z } from "zod";
import { Person } from "@/tests/rig/person.ts";
import { at, print, sortUp } from "./report.ts";
import { openStage, type Stage } from "./server.ts";

const PEOPLE = 40;
const STREAMS_EACH = 5;
const ROUNDS = 5;
/** Between the deeds of people: some ten jobs a second are made and cancelled in all. */
const PAUSE_MS = 50;
const MB = 1024 * 1024;
/** Each comes from a place of its own, or the limits of tries would slow the beginning down. */
const ENV = { PROXIES: "1" };

const Told = z.looseObject({ event: z.looseObject({ at: z.iso.datetime() }) });

export async function benchStreams(): Promise<void> {
  const stage = await openStage(ENV, 1);
  try {
    const people: Person[] = [];
    for (let n = 0; n < PEOPLE; n++) people.push(await personAt(stage, n).register(`p${n}@studio.example`));
    // The same work without listeners: what it leaves in memory is no stream's.
    await makeRounds(people);
    const before = await residentBytes(stage.studio.pid);
    const lateness: number[] = [];
    const streams = await Promise.all(
      people.flatMap((person) =>
        Array.from({ length: STREAMS_EACH }, () => openStream(stage, person, lateness))
      ),
    );
    await makeRounds(people);
    await new Promise((wake) => setTimeout(wake, 1000));
    const after = await residentBytes(stage.studio.pid);
    await Promise.all(streams.map((leave) => leave()));
    tell({ extra: before === null || after === null ? null : after - before, lateness });
  } finally {
    await stage.end();
  }
}

function tell({ extra, lateness }: { extra: number | null; lateness: number[] }): void {
  const clients = PEOPLE * STREAMS_EACH;
  if (extra !== null) {
    print({ bench: "streams memory", value: extra / MB, unit: "MB extra", target: "at most 60", clients });
  }
  const sorted = sortUp(lateness);
  const detail = { clients, events: sorted.length, p50: at(sorted, 0.5), most: sorted.at(-1) };
  print({
    bench: "streams lateness",
    value: at(sorted, 0.99),
    unit: "ms, p99",
    target: "at most 150",
    ...detail,
  });
}

function personAt({ studio }: Stage, n: number): Person {
  return new Person(studio.url, (request) => {
    const asked = new Request(request);
    asked.headers.set("x-forwarded-for", `10.7.${n >> 8}.${n & 255}`);
    return fetch(asked);
  });
}

async function makeRounds(people: Person[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const person of people) {
      await makeNews(person);
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  }
}

/** A job that is made, cancelled, and with that told of twice. */
async function makeNews(person: Person): Promise<void> {
  const { id } = await person.create({
    mode: "ltx",
    submode: "t2v",
    prompt: "Harbour",
    start: false,
    settings: { seconds: 1 },
  });
  await person.command(id, "cancel");
}

/** Resolves when the stream is open, with the way to leave it. */
async function openStream(stage: Stage, person: Person, lateness: number[]): Promise<() => Promise<void>> {
  const answer = await fetch(`${stage.studio.url}/api/events`, { headers: { cookie: person.cookie } });
  if (!answer.ok || !answer.body) throw new Error(`The stream answered ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  const ended = readAll(reader, lateness);
  return async () => {
    await reader.cancel();
    await ended;
  };
}

async function readAll(reader: ReadableStreamDefaultReader<string>, lateness: number[]): Promise<void> {
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      if (!/^event: job$/m.test(block)) continue;
      const { event } = Told.parse(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "{}"));
      lateness.push(Math.max(0, Date.now() - Date.parse(event.at)));
    }
  }
}

/** Null on systems that do not tell. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return null;
  }
}
