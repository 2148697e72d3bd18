/** The words that people see for a job's state: one fixed list for every mode. */
import { z } from "zod";

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
export const Status = z.enum(STATUSES);
export type Status = z.infer<typeof Status>;

export const TERMINAL: readonly Status[] = ["completed", "failed", "cancelled"];

export function isTerminal(status: Status): boolean {
  return TERMINAL.includes(status);
}
