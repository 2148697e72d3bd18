/** What a person does on a job's page: what is looked at, which part is taken again, what was refused. */
import { type Signal, signal } from "@preact/signals";
import type { FunctionComponent, JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ShownJobDetail } from "@/core/shown.ts";
import { startsOf } from "../player/reel.ts";
import type { Transport } from "../player/transport.ts";
import { type Face, faceOf, type Lengths, type Look } from "./face.ts";
import type { Refusal } from "./refusal.ts";
import type { TakeParts } from "./late.tsx";
import type { RetakeProps } from "./retake.tsx";
import type { Wishes } from "../live/wishes.ts";
import { send } from "./send.ts";
import type { Turn } from "./turn.ts";
import { WatchedJob } from "./watched.ts";
import { clipOf, type Part, partsOf } from "./view.ts";

export interface DeskStart {
  job: ShownJobDetail;
  /** Of a job that waits. */
  turn: Turn | null;
  look: Look;
  /** How the account wishes to be told of the end. */
  usual: Wishes;
  refusal: Refusal | null;
}

export class Desk {
  readonly watched: WatchedJob;
  readonly look: Signal<Look>;
  readonly retaken: Signal<string | null>;
  readonly refusal: Signal<Refusal | null>;
  readonly lengths = signal<Lengths>({});
  readonly busy = signal<string | null>(null);
  readonly sheet: Signal<FunctionComponent<RetakeProps> | null> = signal(null);
  /** Of long takes alone. */
  readonly takeParts: Signal<TakeParts | null> = signal(null);
  transport: Transport | null = null;

  constructor({ job, turn, look, refusal }: DeskStart) {
    this.watched = new WatchedJob(job, turn);
    this.look = signal(look);
    this.retaken = signal<string | null>(null);
    this.refusal = signal(refusal);
  }

  face(): Face {
    const job = this.watched.job.value;
    return faceOf(job, partsOf(job), {
      look: this.look.value,
      lengths: this.lengths.value,
      turn: this.watched.turn.value,
    });
  }

  measured(url: string, seconds: number): void {
    if (!Number.isFinite(seconds) || this.lengths.peek()[url] === seconds) return;
    this.lengths.value = { ...this.lengths.peek(), [url]: seconds };
  }

  /** A part is played in the film where it stands there, else by itself. */
  play(part: Part): void {
    const face = this.face();
    const isWhole = typeof this.look.peek() !== "object" || this.look.peek() === null;
    if (isWhole && face.kind === "clips") {
      const at = face.clips.findIndex(({ url }) => url === clipOf(part.used));
      const mark = at === -1 ? face.marks[part.number - 1] : startsOf(face.clips)[at];
      if (mark !== undefined) return this.transport?.seek(mark, true);
    }
    if (part.used) this.look.value = { step: part.step, take: part.used.take };
  }

  /** The sheet comes when it is opened for the first time. */
  async retake(step: string | null): Promise<void> {
    this.refusal.value = null;
    if (step !== null) this.sheet.value ??= (await import("./retake.tsx")).Retake;
    this.retaken.value = step;
  }

  async send(event: JSX.TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (this.busy.peek() !== null) return;
    const form = new FormData(event.currentTarget, event.submitter);
    const name = String(form.get("do"));
    this.busy.value = name;
    if (name === "cancel") this.watched.expect({ cancelling: true });
    const sent = await send(this.watched.job.peek(), form);
    this.busy.value = null;
    if (sent === null) return;
    if (!sent.ok) {
      this.refusal.value = { ...sent, entered: {} };
      return await this.watched.read();
    }
    await this.retake(null);
    this.look.value = null;
    const { job } = sent;
    if (job === null) return await this.watched.read();
    if (job.id !== this.watched.job.peek().id) location.assign(`/jobs/${job.id}`);
    else this.watched.told(job);
  }
}

export function useDesk(start: DeskStart): Desk {
  const desk = useMemo(() => new Desk(start), []);
  useEffect(() => {
    if (start.job.take !== null) void import("./joins.tsx").then((parts) => desk.takeParts.value = parts);
    return desk.watched.begin(start.usual);
  }, []);
  return desk;
}
