/** The words that people see for a job's state: one fixed list for every mode. Small, since browsers load it too. */

export const STATUSES = [
  "created",
  "validating",
  "uploading_assets",
  "queued",
  "executing",
  "collecting_outputs",
  "quality_check",
  "completed",
  "failed",
  "cancelled",
] as const;
export type Status = (typeof STATUSES)[number];

export const TERMINAL: readonly Status[] = ["completed", "failed", "cancelled"];

export function isTerminal(status: Status): boolean {
  return TERMINAL.includes(status);
}

export function isStatus(text: string): text is Status {
  return STATUSES.some((status) => status === text);
}
