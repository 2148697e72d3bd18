/** What must hold after every step of the simulation, and what must hold once the faults have stopped. */
import type { Snapshot } from "@/db/inspect.ts";
import { ACTIVE } from "@/actors/job/work.ts";
import { canonical } from "@/core/canonical.ts";
import { fileRefs, type Plan } from "@/core/plan.ts";
import { TERMINAL } from "@/core/status.ts";
import type { StepFile } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import { readFakeContent } from "./fake_outputs.ts";
import type { Ground } from "./studio.ts";

/** Remembers what was seen, so that only news is checked at each step. */
export class Watch {
  readonly violations: string[] = [];
  /** Servers that are gone for good. */
  readonly dead = new Set<string>();
  #events = 0;
  readonly #vers = new Map<string, number>();
  readonly #terminal = new Map<string, string>();
  readonly #tokens = new Map<string, number>();
  readonly #done = new Map<string, string>();
  readonly #shares = new Map<string, { run: number; share: number; rank: number }>();

  constructor(readonly ground: Ground, readonly slots: number) {}

  #wrong(name: string, what: string): void {
    if (this.violations.length < 20) this.violations.push(`${name}: ${what}`);
  }

  /** After every step. */
  safety(snap: Snapshot): void {
    for (const broken of this.ground.broken.splice(0)) this.#wrong("Store", broken);
    this.#gapFree(snap);
    this.#slotCap(snap);
    this.#tokens_(snap);
    this.#monotone(snap);
    this.#doneStays(snap);
  }

  /** GapFree, OneTerminal and order: events of an actor are 1..n, at most one terminal status per run, statuses only forward. */
  #gapFree(snap: Snapshot): void {
    for (const event of snap.events.slice(this.#events)) {
      // What an admission tells has version 0; turns count from 1.
      const ver = (this.#vers.get(event.actorId) ?? (event.ver === 0 ? -1 : 0)) + 1;
      if (event.ver !== ver) this.#wrong("GapFree", `${event.actorId} went from ${ver - 1} to ${event.ver}`);
      this.#vers.set(event.actorId, event.ver);
      if (event.kind !== "status" || typeof event.body !== "object" || event.body === null) continue;
      const { status, run } = event.body as { status: string; run: number };
      const key = `${event.actorId} ${run}`;
      const over = this.#terminal.get(key);
      if (over) this.#wrong("OneTerminal", `${key} was ${over} and became ${status}`);
      if (TERMINAL.some((end) => end === status)) this.#terminal.set(key, status);
    }
    this.#events = snap.events.length;
  }

  /** SlotCap and SlotOwner. */
  #slotCap(snap: Snapshot): void {
    const steps = new Map(snap.steps.map((row) => [`${row.jobId} ${row.id} ${row.promptId}`, row]));
    const held = new Map<string, number>();
    for (const slot of snap.slots) {
      held.set(slot.backendId, (held.get(slot.backendId) ?? 0) + 1);
      if (slot.state !== "held") continue;
      const row = steps.get(`${slot.jobId} ${slot.stepId} ${slot.promptId}`);
      if (row?.state !== "granted" && row?.state !== "running") {
        this.#wrong("SlotOwner", `${slot.promptId} is held while its step is ${row?.state ?? "gone"}`);
      }
    }
    for (const [backend, count] of held) {
      if (count > this.slots) this.#wrong("SlotCap", `${backend} holds ${count}`);
    }
    for (const [id, server] of this.ground.servers) {
      const zombies = this.ground.hits.get("process paused") ?? 0;
      if (server.peak > this.slots + zombies) {
        this.#wrong("SlotCap", `${id} had ${server.peak} prompts at once`);
      }
      for (const broken of server.violations) this.#wrong("Carried", broken);
    }
    for (const row of snap.steps) {
      if ((row.state === "granted" || row.state === "running") && row.promptId !== null) {
        const slot = snap.slots.find((slot) => slot.promptId === row.promptId);
        if (!slot) this.#wrong("SlotOwner", `${row.jobId} ${row.id} runs ${row.promptId} without a slot`);
      }
    }
  }

  #tokens_(snap: Snapshot): void {
    for (const effect of snap.effects) {
      if (effect.token < (this.#tokens.get(effect.id) ?? 0)) this.#wrong("TokenMono", effect.id);
      this.#tokens.set(effect.id, effect.token);
    }
  }

  /** A share never falls and a status never goes back within a run. */
  #monotone(snap: Snapshot): void {
    const ranks = [
      "created",
      "validating",
      "uploading_assets",
      "queued",
      "executing",
      "collecting_outputs",
      ...TERMINAL,
    ];
    for (const job of snap.jobs) {
      const before = this.#shares.get(job.id);
      const rank = ranks.indexOf(job.status);
      if (before?.run === job.run && (job.share < before.share || rank < before.rank)) {
        this.#wrong("Monotone", `${job.id} fell to ${job.status} ${job.share}`);
      }
      this.#shares.set(job.id, { run: job.run, share: job.share, rank });
    }
  }

  /** No done take is made again without cause: its outputs stay what they were, and only a loss of files reopens it. */
  #doneStays(snap: Snapshot): void {
    for (const row of snap.steps) {
      const key = `${row.jobId} ${row.id} ${row.take}`;
      const made = row.state === "done" ? canonical(row.outputs) : null;
      const before = this.#done.get(key);
      if (before !== undefined && made === null && !this.ground.hits.has("stored file lost")) {
        this.#wrong("DoneStays", `${key} was done and is ${row.state}`);
      }
      if (made !== null) this.#done.set(key, made);
    }
  }

  /** Once everything is quiet: nothing is left over and everything is made from what it should be made from. */
  liveness(snap: Snapshot, plans: Map<string, Map<number, Plan>>): void {
    for (const job of snap.jobs) {
      if (!TERMINAL.some((end) => end === job.status)) {
        this.#wrong("Ends", `${job.id} is ${job.status}: ${job.stage}`);
      }
    }
    for (const mail of snap.mail) if (mail.doneAt === null) this.#wrong("Conserved", `open mail ${mail.id}`);
    for (const dead of snap.deadletters) this.#wrong("Deadletter", `${dead.kind}: ${dead.error}`);
    for (const effect of snap.effects) {
      if (effect.status === "open" && !this.waitsForTheDead(effect)) {
        this.#wrong("Effects", `open ${effect.id}`);
      }
    }
    for (const slot of snap.slots) {
      if (slot.state === "stopping" && this.dead.has(slot.backendId)) continue;
      this.#wrong("Slots", `${slot.promptId} still ${slot.state} on ${slot.backendId}`);
    }
    for (const row of snap.steps) {
      if (ACTIVE.includes(row.state)) this.#wrong("Steps", `${row.jobId} ${row.id} ${row.state}`);
    }
    this.#oncePerPrompt();
    this.#provenance(snap, plans);
    for (const job of snap.jobs.filter((job) => job.status === "completed")) {
      const outputs = snap.jobOutputs.filter((output) => output.jobId === job.id && output.run === job.run);
      if (outputs.length !== 1) this.#wrong("OutputsOnce", `${job.id} run ${job.run} has ${outputs.length}`);
    }
  }

  /** A server that never comes back is asked for ever whether the prompt is gone. */
  waitsForTheDead(effect: { kind: string; req: unknown }): boolean {
    if (effect.kind !== "stop_prompt" || typeof effect.req !== "object" || effect.req === null) return false;
    return "backendId" in effect.req && this.dead.has(String(effect.req.backendId));
  }

  /** POSTs of one prompt ≤ 1 + losses of its server + processes that slept through their lease. */
  #oncePerPrompt(): void {
    const { hits, servers } = this.ground;
    for (const [id, server] of servers) {
      const allowed = 1 + (hits.get(`restart ${id}`) ?? 0) + (hits.get("process paused") ?? 0);
      for (const [prompt, posts] of server.posts) {
        if (posts > allowed) this.#wrong("OncePerPrompt", `${prompt} was posted ${posts} times`);
      }
    }
  }

  /** A done take was made from exactly the files of the takes that it says, and the files are there. */
  #provenance(snap: Snapshot, plans: Map<string, Map<number, Plan>>): void {
    const rows = new Map(snap.steps.map((row) => [`${row.jobId} ${row.id} ${row.take}`, row]));
    for (const row of snap.steps) {
      if (row.state !== "done" || row.stale) continue;
      const step = plans.get(row.jobId)?.get(row.rev)?.steps.find((step) => step.id === row.id);
      if (!step) continue;
      const refs = fileRefs(step.values);
      const maker = (id: string) => rows.get(`${row.jobId} ${id} ${row.uses[id]}`);
      // A maker that lost its files and was then cancelled has nothing to compare with.
      if (refs.some((ref) => ref.from === "step" && maker(ref.step)?.state !== "done")) continue;
      const expected = refs.map((ref) => {
        if (ref.from === "asset") return ref.sha256;
        return maker(ref.step)?.outputs.find((file) => file.role === ref.role)?.sha256 ??
          `missing ${ref.step}`;
      }).sort();
      for (const output of row.outputs) {
        this.#madeFrom({ row, expected, output, local: step.kind === "local" });
      }
    }
  }

  #madeFrom(
    of: { row: StepRow & { jobId: string }; expected: string[]; output: StepFile; local: boolean },
  ): void {
    const { row, expected, output, local } = of;
    const bytes = this.ground.disk.files.get(`${output.sha256}.${output.ext}`);
    if (!bytes) {
      if (!this.ground.hits.has("stored file lost")) {
        this.#wrong("Files", `${row.jobId} ${row.id} lost ${output.role}`);
      }
      return;
    }
    const made = local ? localInputs(bytes) : readFakeContent(bytes)?.inputs ?? [];
    if (canonical(made) !== canonical(expected)) {
      this.#wrong("ChosenTakes", `${row.jobId} ${row.id} take ${row.take} was made from other files`);
    }
  }
}

function localInputs(bytes: Uint8Array): string[] {
  const { inputs } = JSON.parse(new TextDecoder().decode(bytes)) as { inputs: string[] };
  return inputs.map((path) => path.replace(/^disk\//, "").replace(/\.[a-z0-9]+$/, "")).sort();
}
