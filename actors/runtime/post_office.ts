/** Tells the bus about mail that is in the database: at once, or when its time has come. */
import type { WakeBus } from "@/core/ports.ts";
import type { Alarm } from "./alarm.ts";

export class PostOffice {
  readonly #wake: WakeBus;
  readonly #alarm: Alarm;

  constructor(wake: WakeBus, alarm: Alarm) {
    this.#wake = wake;
    this.#alarm = alarm;
  }

  /** Called after the commit that stored the mail. */
  announce(mail: readonly { to: string; delayMs?: number }[]): void {
    const now = new Set<string>();
    for (const { to, delayMs = 0 } of mail) {
      if (delayMs <= 0) now.add(to);
      else this.#alarm.set(delayMs, () => this.#wake.hint([to]));
    }
    if (now.size > 0) this.#wake.hint([...now]);
  }
}
