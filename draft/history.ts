/** What is left of ended prompts: ComfyUI keeps it in memory, up to a number of entries. */
import { listPrompt, type Prompt } from "./queue.ts";
import { renderExact } from "./exact.ts";
import type { Json } from "./python.ts";

/** Checked before an entry is added, so one more than this can be there. */
const ENTRIES_MAX = 10_000;

export interface Ending {
  outputs: Record<string, Record<string, unknown>>;
  status: { status_str: "success" | "error"; completed: boolean; messages: [string, Json][] };
  meta: Record<string, Json>;
}

export interface HistoryEntry extends Ending {
  prompt: ReturnType<typeof listPrompt>;
}

export class History {
  readonly #entries = new Map<string, HistoryEntry>();

  record(prompt: Prompt, ending: Ending): void {
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > ENTRIES_MAX && !oldest.done) this.#entries.delete(oldest.value);
    this.#entries.set(prompt.id, { prompt: listPrompt(prompt), ...ending });
  }

  get(id: string): HistoryEntry | undefined {
    return this.#entries.get(id);
  }

  /** Oldest first. Without an offset, `max` means the newest. */
  list(options: { max: number | null; offset: number }): HistoryEntry[] {
    const all = [...this.#entries.values()];
    const from = options.offset < 0 && options.max !== null ? all.length - options.max : options.offset;
    const start = Math.max(0, from);
    return all.slice(start, options.max === null ? undefined : start + Math.max(options.max, 1));
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** JSON with the keys in this order, which a JavaScript object does not keep for ids made of digits. */
export function renderEntries(entries: HistoryEntry[]): string {
  return `{${entries.map((entry) => `${JSON.stringify(entry.prompt[1])}:${renderExact(entry)}`).join(",")}}`;
}
