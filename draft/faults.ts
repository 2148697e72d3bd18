/** Everything that can be made to go wrong: switches, faults of the next prompt, and what is under way. */
import { z } from "zod";

/** Faults of one prompt, by name. `x-draft-fault: oom, slow=200` orders the same by request header. */
export const PROMPT_FAULTS = [
  "reject",
  "node_errors",
  "lose_request",
  "lose_response",
  "late_response",
  "oom",
  "error",
  "interrupt",
  "hang",
  "blocked",
  "success_with_error",
  "missing_output",
  "cancel_race",
  "slow",
] as const;

export const PromptFault = z.strictObject({
  fault: z.enum(PROMPT_FAULTS),
  /** Milliseconds, an error type or a node (id or class), by fault. */
  value: z.union([z.string(), z.number()]).optional(),
});
export type PromptFault = z.infer<typeof PromptFault>;

export const Settings = z.strictObject({
  /** Time between `execution_success` and the entry in history. */
  historyGapMs: z.number().min(0),
  /** Time that `/object_info` takes. */
  objectInfoMs: z.number().min(0),
  /** Time that every other HTTP answer takes. */
  answerMs: z.number().min(0),
  /** Sockets stay open and hear nothing. */
  mute: z.boolean(),
  /** A replaced socket takes its successor along when it closes (ComfyUI issue 16010). */
  reconnectDefect: z.boolean(),
  /** Each node start also sends a message type that no client knows. */
  unknownMessages: z.boolean(),
  /** `/view` answers end after that many bytes with a broken connection; null is off. */
  cutViewBytes: z.int().min(0).nullable(),
  /** Each film that is saved is so many percent brighter and more colourful than the one before; the first is as it is. */
  driftPercent: z.number().min(-20).max(20),
});
export type Settings = z.infer<typeof Settings>;

export const Order = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("set"), settings: Settings.partial() }),
  z.strictObject({
    do: z.literal("next"),
    fault: z.enum(PROMPT_FAULTS),
    value: z.union([z.string(), z.number()]).optional(),
    count: z.int().min(1).max(1000).default(1),
  }),
  z.strictObject({
    do: z.literal("answer"),
    path: z.string(),
    status: z.int().min(200).max(599),
    body: z.string().default("<html><body><h1>Bad gateway</h1></body></html>"),
    contentType: z.string().default("text/html"),
    count: z.int().min(1).max(1000).default(1),
  }),
  z.strictObject({ do: z.literal("clear") }),
  z.strictObject({ do: z.literal("restart"), downMs: z.number().min(0).default(0) }),
  z.strictObject({ do: z.literal("refuse"), ms: z.number().min(0) }),
  z.strictObject({ do: z.literal("drop_sockets") }),
  z.strictObject({ do: z.literal("kill_worker") }),
  z.strictObject({ do: z.literal("interrupt_running") }),
  z.strictObject({
    do: z.literal("delete_file"),
    filename: z.string(),
    subfolder: z.string().default(""),
    type: z.enum(["output", "temp", "input"]).default("output"),
  }),
  z.strictObject({
    do: z.literal("foreign_job"),
    count: z.int().min(1).max(1000).default(1),
    steps: z.int().min(0).max(100_000).default(3),
    stepMs: z.number().min(0).default(0),
    clientId: z.string().nullable().default(null),
  }),
  z.strictObject({
    do: z.literal("fill_history"),
    count: z.int().min(1).max(20_000),
    bytes: z.int().min(0).max(10_000_000).default(0),
  }),
  z.strictObject({ do: z.literal("send"), type: z.string(), data: z.unknown() }),
]);
export type Order = z.infer<typeof Order>;

export type CannedAnswer = Extract<Order, { do: "answer" }>;

const CALM: Settings = {
  historyGapMs: 0,
  objectInfoMs: 0,
  answerMs: 0,
  mute: false,
  reconnectDefect: true,
  unknownMessages: false,
  cutViewBytes: null,
  driftPercent: 0,
};

export class Faults {
  settings: Settings = { ...CALM };
  next: PromptFault[] = [];
  answers: CannedAnswer[] = [];
  #hangs = new Set<() => void>();
  /** Films saved since the drift was set. */
  #films = 0;

  set(settings: Partial<Settings>): void {
    if (settings.driftPercent !== undefined) this.#films = 0;
    this.settings = { ...this.settings, ...settings };
  }

  /** Everything as it was at the start; hanging prompts go on. */
  clear(): void {
    this.settings = { ...CALM };
    this.next = [];
    this.answers = [];
    this.releaseHangs();
  }

  /** How many times as bright and colourful the next film is. */
  drift(): number {
    return (1 + this.settings.driftPercent / 100) ** this.#films++;
  }

  releaseHangs(): void {
    for (const release of this.#hangs) release();
    this.#hangs.clear();
  }

  /** Resolves when somebody clears the faults or the server ends its life. */
  hang(): Promise<void> {
    return new Promise((resolve) => this.#hangs.add(resolve));
  }

  /** One fault of the waiting list (each prompt takes one) and those of its header. Throws on an unknown name. */
  takeFor(header: string | null): PromptFault[] {
    const waiting = this.next.shift();
    return [...(waiting === undefined ? [] : [waiting]), ...parseFaults(header ?? "")];
  }

  takeAnswer(path: string): CannedAnswer | undefined {
    const answer = this.answers.find((entry) => entry.path === path);
    if (answer === undefined) return undefined;
    answer.count -= 1;
    if (answer.count === 0) this.answers = this.answers.filter((entry) => entry !== answer);
    return answer;
  }
}

function parseFaults(header: string): PromptFault[] {
  return header.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [fault, value] = part.split("=", 2);
    return PromptFault.parse(value === undefined ? { fault } : { fault, value });
  });
}

export function findFault(faults: PromptFault[], name: PromptFault["fault"]): PromptFault | undefined {
  return faults.find((entry) => entry.fault === name);
}

/** The value of a fault as milliseconds. */
export function readMs(fault: PromptFault, otherwise: number): number {
  const ms = Number(fault.value ?? otherwise);
  return Number.isFinite(ms) ? Math.max(0, ms) : otherwise;
}
