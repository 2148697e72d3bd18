/** Gathers the outcomes of one turn's messages into the one write of the turn. */
import type { ServerWord } from "@/core/faring.ts";
import type { EffectSpec, EventSpec, JobOutput, Mail, StepRow, TurnWrite } from "@/core/store.ts";
import type { Outcome, Walker } from "./kind.ts";

export class WriteDraft {
  #priority: number | undefined;
  readonly #steps = new Map<string, StepRow>();
  readonly #effects = new Map<string, EffectSpec>();
  readonly #revoke = new Set<string>();
  readonly #mail = new Map<string, Mail>();
  readonly #events: EventSpec[] = [];
  readonly #slots: TurnWrite["slots"] = [];
  readonly #outputs: JobOutput[] = [];
  readonly #servers: ServerWord[] = [];

  /**
   * Later rows win per (id, take); the first mail and the first effect of an id win, as they would in the database.
   * Revoking comes before adding within one outcome, so an effect that an earlier message asked for is never begun.
   */
  add<S extends Walker>(outcome: Outcome<S>): void {
    this.#priority = outcome.priority ?? this.#priority;
    for (const row of outcome.steps) this.#steps.set(`${row.id} ${row.take}`, row);
    for (const id of outcome.revoke) {
      this.#effects.delete(id);
      this.#revoke.add(id);
    }
    for (const effect of outcome.effects) {
      if (!this.#effects.has(effect.id)) this.#effects.set(effect.id, effect);
    }
    for (const mail of outcome.mail) if (!this.#mail.has(mail.id)) this.#mail.set(mail.id, mail);
    this.#events.push(...outcome.events);
    this.#slots.push(...outcome.slots);
    this.#outputs.push(...outcome.outputs);
    this.#servers.push(...outcome.servers ?? []);
  }

  write(): Omit<TurnWrite, "state" | "fates" | "shown"> {
    return {
      ...(this.#priority === undefined ? {} : { priority: this.#priority }),
      steps: [...this.#steps.values()],
      effects: [...this.#effects.values()],
      revoke: [...this.#revoke].filter((id) => !this.#effects.has(id)),
      mail: [...this.#mail.values()],
      events: this.#events,
      slots: this.#slots,
      outputs: this.#outputs,
      ...(this.#servers.length > 0 ? { servers: this.#servers } : {}),
    };
  }
}
