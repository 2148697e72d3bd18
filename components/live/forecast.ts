/** When a job will be ready, from what its estimates said lately: their spread is the honest range. Pure. */

/** Moments of the end, in milliseconds, by when they were told. */
export interface Forecast {
  told: { at: number; end: number }[];
}

export const NO_FORECAST: Forecast = { told: [] };

/** Older estimates no longer count. */
const WINDOW_MS = 60_000;
const KEPT_MAX = 60;
/** A range is worth reading only where it says more than rounding does. */
const RANGE_FROM_S = 90;

/** A null estimate takes nothing away: the earlier ones still stand for a while. */
export function foretell(forecast: Forecast, etaSeconds: number | null, at: number): Forecast {
  const recent = forecast.told.filter((one) => at - one.at < WINDOW_MS);
  if (etaSeconds === null) return { told: recent };
  return { told: [...recent, { at, end: at + etaSeconds * 1000 }].slice(-KEPT_MAX) };
}

export interface Left {
  seconds: number;
  /** Where the estimates of the last minute differ by more than a tenth. */
  range: { low: number; high: number } | null;
}

/** Null while nothing is known. Never below zero: an estimate that has passed says 0. */
export function timeLeft({ told }: Forecast, now: number): Left | null {
  const last = told.at(-1);
  if (last === undefined) return null;
  const left = (end: number) => Math.max(0, (end - now) / 1000);
  const seconds = left(last.end);
  const low = left(Math.min(...told.map((one) => one.end)));
  const high = left(Math.max(...told.map((one) => one.end)));
  const isWide = seconds >= RANGE_FROM_S && high - low > seconds / 10;
  return { seconds, range: isWide ? { low, high } : null };
}
