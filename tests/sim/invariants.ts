/**
 * What must hold after every change of the simulated store, and what must hold once the faults have stopped.
 *
 * Out of scope, because it is legitimate: a server that is dead for good keeps its stopping slots and the effects that
 * ask it whether a prompt is gone; a file that a fault took from the disk may be missing, and reopens the takes that it
 * belongs to; a POST by a process that slept past its lease after its last look may come twice. Each of these is allowed
 * only where its cause was seen: that server, that file, that prompt.
 */
import type { Since, Snapshot } from "@/db/inspect.ts";
import { ACTIVE } from "@/actors/job/work.ts";
import { canonical } from "@/core/canonical.ts";
import type { Plan, StepFile } from "@/core/plan.ts";
import { STATUSES, TERMINAL } from "@/core/status.ts";
import { Provenance, takeKey } from "./provenance.ts";
import type { Ground } from "./studio.ts";

type Row = Snapshot["steps"][number];

const isEnd = (status: string): boolean => TERMINAL.some((end) => end === status);
/** All ends have the same place: after everything else. */
const rankOf = (status: string): number =>
  isEnd(status) ? STATUSES.length : STATUSES.findIndex((known) => known === status);

/** Remembers what was seen, so that only news is checked at each look. */
export class Watch {
  readonly violations: string[] = [];
  /** Servers that are gone for good. */
  readonly dead = new Set<string>();
  /** Jobs whose gates nobody ever opens. */
  readonly leftAlone = new Set<string>();
  /** Takes that somebody was ever content with, by job, step and take. */
  readonly approvals = new Set<string>();
  /** Last event seen. */
  #event = 0;
  readonly #vers = new Map<string, number>();
  /** Last status told, by job and run. */
  readonly #told = new Map<string, string>();
  /** Takes whose start was told, by job, step and take. */
  readonly #begun = new Set<string>();
  readonly #tokens = new Map<string, number>();
  readonly #done = new Map<string, StepFile[]>();
  readonly #attempts = new Map<string, number>();
  readonly #shares = new Map<string, { run: number; share: number; rank: number }>();
  readonly #provenance: Provenance;

  constructor(
    readonly ground: Ground,
    readonly of: { slots: number; plans: Map<string, Map<number, Plan>>; runningMax: number | null },
  ) {
    this.#provenance = new Provenance(ground.disk, of.plans, (rule, what) => this.wrong(rule, what));
  }

  /** What was seen already. */
  get seen(): Since {
    return { event: this.#event };
  }

  wrong(rule: string, what: string): void {
    if (this.violations.length < 20) this.violations.push(`${rule}: ${what}`);
  }

  /** After every change. */
  safety(snap: Snapshot): void {
    for (const broken of this.ground.broken.splice(0)) this.wrong("Store", broken);
    this.#history(snap);
    this.#slots(snap);
    this.#servers();
    this.#tokensRise(snap);
    this.#monotone(snap);
    this.#doneStays(snap);
    this.#starts(snap);
    this.#limits(snap);
    this.#billed(snap);
  }

  /** GapFree, OneTerminal, Forward, StartedFirst: what the history of each job tells, in order. */
  #history(snap: Snapshot): void {
    for (const event of snap.events.filter(({ seq }) => seq > this.#event)) {
      this.#event = event.seq;
      // What an admission tells has version 0; turns count from 1.
      const ver = (this.#vers.get(event.actorId) ?? (event.ver === 0 ? -1 : 0)) + 1;
      if (event.ver !== ver) this.wrong("GapFree", `${event.actorId} went from ${ver - 1} to ${event.ver}`);
      this.#vers.set(event.actorId, event.ver);
      const body = Object(event.body);
      const take = takeKey(event.actorId, body.step, body.take);
      if (event.kind === "status") this.#status(event.actorId, body);
      if (event.kind === "step.started" || event.kind === "step.reused") this.#begun.add(take);
      if (event.kind !== "step.done" || this.#begun.has(take)) continue;
      const isPrompt = this.#stepsOf(event.actorId).some(({ id, kind }) =>
        id === body.step && kind === "prompt"
      );
      if (isPrompt) this.wrong("StartedFirst", `${take} is done and was never told to have started`);
    }
  }

  #stepsOf(jobId: string) {
    return this.of.plans.get(jobId)?.get(1)?.steps ?? [];
  }

  #status(jobId: string, { status, run }: { status: string; run: number }): void {
    const key = `${jobId} ${run}`;
    const before = this.#told.get(key);
    if (before !== undefined && isEnd(before)) {
      this.wrong("OneTerminal", `${key} was ${before} and became ${status}`);
    } else if (before !== undefined && rankOf(status) <= rankOf(before)) {
      this.wrong("Forward", `${key} was ${before} and became ${status}`);
    }
    this.#told.set(key, status);
  }

  /** SlotCap, SlotOwner, Able: a held slot is a step's, on a server that can do it; a stopping one an effect's that frees it. */
  #slots(snap: Snapshot): void {
    const steps = new Map(snap.steps.map((row) => [`${row.jobId} ${row.id} ${row.promptId}`, row]));
    const stops = new Map(snap.effects.map((effect) => [effect.id, effect.status]));
    const held = new Map<string, number>();
    for (const slot of snap.slots) {
      held.set(slot.backendId, (held.get(slot.backendId) ?? 0) + 1);
      if (slot.state === "stopping") {
        const stop = `stop:${slot.promptId}`;
        const told = snap.mail.some((mail) => mail.id.startsWith(`${stop}:`) && mail.doneAt === null);
        if (stops.get(stop) !== "open" && !told) this.wrong("SlotOwner", `nobody frees ${slot.promptId}`);
        continue;
      }
      const made = this.#stepsOf(slot.jobId).find(({ id }) => id === slot.stepId);
      if (made?.kind === "prompt" && this.ground.lacks.has(`${slot.backendId} ${made.family}`)) {
        this.wrong(
          "Able",
          `${slot.jobId} ${slot.stepId} is on ${slot.backendId}, which lacks ${made.family}`,
        );
      }
      const row = steps.get(`${slot.jobId} ${slot.stepId} ${slot.promptId}`);
      if (row?.state !== "granted" && row?.state !== "running") {
        this.wrong("SlotOwner", `${slot.promptId} is held while its step is ${row?.state ?? "gone"}`);
      }
    }
    for (const [backend, count] of this.ground.db === null ? held : []) {
      if (count > this.of.slots) this.wrong("SlotCap", `${backend} holds ${count}`);
    }
    for (const row of snap.steps) {
      if (row.state !== "granted" && row.state !== "running" || row.promptId === null) continue;
      if (!snap.slots.some((slot) => slot.promptId === row.promptId)) {
        this.wrong("SlotOwner", `${row.jobId} ${row.id} runs ${row.promptId} without a slot`);
      }
    }
  }

  /** RunningMax: nobody has more jobs on servers than they may, whatever several processes grant at once. */
  #limits(snap: Snapshot): void {
    if (this.of.runningMax === null) return;
    const held = snap.slots.filter(({ state }) => state === "held");
    for (const [userId, slots] of Map.groupBy(held, (slot) => slot.userId)) {
      const jobs = new Set(slots.map(({ jobId }) => jobId)).size;
      if (jobs > this.of.runningMax) this.wrong("RunningMax", `${userId} has ${jobs} jobs on servers`);
    }
  }

  /** Billed: what a prompt made stands in the ledger with its bytes, once, for the owner of its job. */
  #billed(snap: Snapshot): void {
    const owners = new Map(snap.jobs.map((job) => [job.id, job.userId]));
    const entries = new Map(snap.ledger.map((entry) => [entry.id, entry]));
    for (const { id, userId, jobId, seconds } of snap.ledger) {
      if (userId !== owners.get(jobId)) this.wrong("Billed", `${id} is charged to ${userId}`);
      if (!(seconds >= 0)) this.wrong("Billed", `${id} took ${seconds} s`);
    }
    for (const { jobId, id, state, promptId, outputs } of snap.steps) {
      if (state !== "done" || promptId === null) continue;
      const bytes = outputs.reduce((sum, file) => sum + file.bytes, 0);
      const entry = entries.get(promptId);
      if (entry?.bytes !== bytes) {
        this.wrong("Billed", `${jobId} ${id} made ${bytes} B, billed ${entry?.bytes}`);
      }
    }
  }

  /** SlotCap and OncePerPrompt on the servers themselves. Only a POST by a process that slept past its lease is beyond. */
  #servers(): void {
    for (const [id, server] of this.ground.servers) {
      const late = this.ground.late.filter(({ server }) => server === id);
      if (server.peak > (this.ground.slotsMost.get(id) ?? this.of.slots) + late.length) {
        this.wrong("SlotCap", `${id} had ${server.peak} prompts at once`);
      }
      for (const broken of server.violations.splice(0)) this.wrong("Carried", broken);
      for (const { promptId, posts } of server.doubles) {
        const allowed = 1 + late.filter((one) => one.promptId === promptId).length;
        if (posts > allowed) {
          this.wrong("OncePerPrompt", `${promptId} was posted ${posts} times to one life of ${id}`);
        }
      }
    }
  }

  #tokensRise(snap: Snapshot): void {
    for (const effect of snap.effects) {
      if (effect.token < (this.#tokens.get(effect.id) ?? 0)) this.wrong("TokenMono", effect.id);
      this.#tokens.set(effect.id, effect.token);
    }
  }

  /** A share never falls and a status never goes back within a run. */
  #monotone(snap: Snapshot): void {
    for (const job of snap.jobs) {
      const before = this.#shares.get(job.id);
      const rank = rankOf(job.status);
      if (before?.run === job.run && (job.share < before.share || rank < before.rank)) {
        this.wrong("Monotone", `${job.id} fell to ${job.status} ${job.share}`);
      }
      this.#shares.set(job.id, { run: job.run, share: job.share, rank });
    }
  }

  /** No done take is made again without cause: it keeps its files, left out of the film or not, until one of them is lost. */
  #doneStays(snap: Snapshot): void {
    for (const row of snap.steps) {
      const key = takeKey(row.jobId, row.id, row.take);
      const before = this.#done.get(key);
      const isSame = (row.state === "done" || row.state === "skipped") && before !== undefined &&
        canonical(before) === canonical(row.outputs);
      if (before !== undefined && !isSame && !before.some((file) => this.#isLost(file))) {
        this.wrong(
          "DoneStays",
          `${key} was done and is ${row.state === "done" ? "other files" : row.state}`,
        );
      }
      if (row.state !== "done") this.#done.delete(key);
      else if (!isSame) {
        this.#done.set(key, row.outputs);
        this.#provenance.done(row);
      }
    }
  }

  #isLost(file: StepFile): boolean {
    return this.ground.disk.lost.has(`${file.sha256}.${file.ext}`);
  }

  /** A step has one chosen take at most, and begins with done takes of all that it needs: the chosen ones, unless it is remade. */
  #starts(snap: Snapshot): void {
    const rows = new Map(snap.steps.map((row) => [takeKey(row.jobId, row.id, row.take), row]));
    const chosen = new Set<string>();
    for (const row of snap.steps) {
      const step = `${row.jobId} ${row.id}`;
      if (row.chosen && chosen.has(step)) this.wrong("ChosenTakes", `${step} has two chosen takes`);
      if (row.chosen) chosen.add(step);
      const key = takeKey(row.jobId, row.id, row.take);
      const isNew = row.attempt > (this.#attempts.get(key) ?? 0);
      this.#attempts.set(key, row.attempt);
      if (isNew && ACTIVE.includes(row.state)) this.#startOf(row, rows);
    }
  }

  #startOf(row: Row, rows: Map<string, Row>): void {
    const step = this.of.plans.get(row.jobId)?.get(row.rev)?.steps.find((step) => step.id === row.id);
    const isRemade = row.endedAt !== null;
    for (const need of step?.needs ?? []) {
      const used = rows.get(takeKey(row.jobId, need, row.uses[need]));
      const isGate = this.#stepsOf(row.jobId).some(({ id, gate }) => id === need && gate === true);
      if (isGate && !this.approvals.has(takeKey(row.jobId, need, row.uses[need]))) {
        this.wrong("Approved", `${row.jobId} ${row.id} began with ${need}, which nobody approved`);
      }
      if (used?.state === "done" && (used.chosen || isRemade)) continue;
      this.wrong(
        "ChosenTakes",
        `${row.jobId} ${row.id} began with ${need} take ${row.uses[need]}, ${used?.state}`,
      );
    }
  }

  /** Once everything is quiet: nothing is left over and everything is made from what it should be made from. */
  liveness(snap: Snapshot): void {
    for (const job of snap.jobs) {
      if (!isEnd(job.status) && !this.restsAtGate(job.id, snap)) {
        this.wrong("Ends", `${job.id} is ${job.status}: ${job.stage}`);
      }
    }
    for (const mail of snap.mail) if (mail.doneAt === null) this.wrong("Conserved", `open mail ${mail.id}`);
    for (const dead of snap.deadletters) this.wrong("Deadletter", `${dead.kind}: ${dead.error}`);
    for (const effect of snap.effects) {
      if (effect.status === "open" && !this.waitsForTheDead(effect)) {
        this.wrong("Effects", `open ${effect.id}`);
      }
    }
    for (const slot of snap.slots) {
      if (slot.state === "stopping" && this.dead.has(slot.backendId)) continue;
      this.wrong("Slots", `${slot.promptId} still ${slot.state} on ${slot.backendId}`);
    }
    for (const row of snap.steps) {
      if (ACTIVE.includes(row.state)) this.wrong("Steps", `${row.jobId} ${row.id} ${row.state}`);
    }
    this.#provenance.atTheEnd(snap.steps);
    this.#results(snap);
  }

  /** Waits for a person who never comes: nothing of it is under way, and it may wait for ever. */
  restsAtGate(jobId: string, snap: Snapshot): boolean {
    const rows = snap.steps.filter((row) => row.jobId === jobId);
    return this.leftAlone.has(jobId) && rows.some((row) => row.state === "waiting_for_person") &&
      !rows.some((row) => ACTIVE.includes(row.state));
  }

  /** A server that never comes back is asked for ever whether the prompt is gone. */
  waitsForTheDead(effect: { kind: string; req: unknown }): boolean {
    return effect.kind === "stop_prompt" && this.dead.has(String(Object(effect.req).backendId));
  }

  /** OutputsOnce: every completed run has one film, and the last one is what the newest take of the last step made. */
  #results(snap: Snapshot): void {
    const filmsOf = (jobId: string, run: number) =>
      snap.jobOutputs.filter((output) => output.jobId === jobId && output.run === run);
    for (const [key, status] of this.#told) {
      const [jobId = "", run] = key.split(" ");
      const films = filmsOf(jobId, Number(run)).length;
      if (status === "completed" && films !== 1) this.wrong("OutputsOnce", `${key} has ${films} films`);
    }
    for (const job of snap.jobs.filter((job) => job.status === "completed")) {
      const { result } = this.of.plans.get(job.id)?.get(job.rev) ?? {};
      const takes = snap.steps.filter((row) => row.jobId === job.id && row.id === result?.step);
      const newest = takes.reduce<Row | undefined>(
        (one, row) => row.take > (one?.take ?? -1) ? row : one,
        undefined,
      );
      const film = newest?.outputs.find((file) => file.role === result?.main);
      const [output] = filmsOf(job.id, job.run);
      if (!film || output?.file !== `${film.sha256}.${film.ext}`) {
        this.wrong("OutputsOnce", `${job.id} delivered ${output?.file}, its newest film is ${film?.sha256}`);
      }
    }
  }
}
