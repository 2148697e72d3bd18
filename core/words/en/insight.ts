/** English: the log by one id, one actor as a whole, effects with their leases, and the report for a fault. */
import type { LogLevel } from "../../logs.ts";
import { count } from "./format.ts";

export const insight = {
  logs: {
    title: "Log",
    about: (lines: number) =>
      `The newest ${lines} lines of this process, in memory since it started. All of it goes to standard error.`,
    id: "One id",
    idHint: "Of a request, a job, a prompt or a server. What belongs to it is found with it.",
    least: "At least",
    levels: { debug: "Debug", info: "Info", warn: "Warning", error: "Error" } satisfies Record<
      LogLevel,
      string
    >,
    go: "Find",
    kin: (ids: string) => `Found with it: ${ids}`,
    empty: "No line speaks of that.",
  },
  actor: {
    back: "All actors",
    untitled: "Untitled",
    log: "What the log says of it",
    plan: "Plan",
    mail: "Mailbox",
    noMail: "Nothing to read.",
    history: "History",
    state: (ver: number) => `State after ${count(ver, "turn")}`,
    take: (take: number, attempt: number) =>
      `take ${take + 1}, ${
        attempt === 0 ? "not begun" : attempt === 1 ? "put in line once" : `put in line ${attempt} times`
      }`,
    columns: { step: "Step", state: "State", needs: "Needs", prompt: "Prompt" },
  },
  effects: {
    title: "Open effects",
    none: "None is open.",
    free: "Nobody runs it",
    held: (until: string) => `Leased until ${until}`,
    tries: (n: number, lane: string) => `${count(n, "try", "tries")}, lane ${lane}`,
    columns: { kind: "Effect", lease: "Lease", next: "Due", tries: "Tries" },
  },
  report: {
    title: "Report for a fault",
    about:
      "Versions, settings without secrets, health, servers, figures and the newest log, as one ZIP. No mail address, nothing that people wrote, no secret is in it.",
    go: "Download the report",
  },
};
