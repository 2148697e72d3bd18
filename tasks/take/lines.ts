/** What the terminal shows of takes under way: one line each, whose percentage never falls, and the table at the end. */
import type { TakeDetail } from "./client.ts";

export interface Line {
  name: string;
  /** Highest share so far. */
  share: number;
  /** Share that was there when we began to look, for the rest of the time. */
  from: number;
  begunMs: number;
}

/** `harbour_walk  job 3 of 6  Part 2 of 3, first pass   42 %  about 0:20 left`. */
export function describeLine(line: Line, job: TakeDetail, nowMs: number): string {
  const passes = job.steps.filter(({ id }) => /^(high|low)-\d+$/.test(id));
  const done = passes.filter(({ state }) => state === "done").length;
  const at = Math.min(done + 1, passes.length);
  const percent = `${String(Math.floor(line.share * 100)).padStart(3)} %`;
  const gained = line.share - line.from;
  const leftS = (nowMs - line.begunMs) / 1000 * (1 - line.share) / gained;
  const eta = gained > 0.03 && line.share < 1 ? `about ${clock(leftS)} left` : "";
  return [line.name, `job ${at} of ${passes.length}`, job.stage || job.status, percent, eta]
    .filter((part) => part !== "").join("  ");
}

/** Never lower than before. */
export function advance(line: Line, job: TakeDetail): void {
  line.share = Math.max(line.share, job.status === "completed" ? 1 : job.share);
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function tableText(head: string[], rows: string[][]): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}
