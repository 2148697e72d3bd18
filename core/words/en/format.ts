/** English: figures as people read them: lengths, sizes, times. Pure; "now" comes from outside. */

/** `0:09`, `4:10`, `1:02:03`: how long a film or a wait is. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `9 s`, `14 min`, `2 h 5 min`: how long something takes, as one would say it. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s} s`;
  const m = Math.round(s / 60);
  if (m < 60) return `${m} min`;
  return m % 60 === 0 ? `${m / 60} h` : `${Math.floor(m / 60)} h ${m % 60} min`;
}

/** Seconds: the likely ones, and between which they lie. */
export interface Range {
  seconds: number;
  low: number;
  high: number;
}

/** `14 min (12–17)`: the likely figure, and the range where it says more. */
export function about({ seconds, low, high }: Range): string {
  const [likely, least, most] = [span(seconds), span(low), span(high)];
  if (least === most) return likely;
  const [short, unit] = least.split(" ");
  const isOneUnit = least.split(" ").length === 2 && most.split(" ").length === 2 &&
    most.endsWith(` ${unit}`);
  return `${likely} (${isOneUnit ? short : least}–${isOneUnit ? most.split(" ")[0] : most})`;
}

/** `812 KB`, `3.1 GB`: decimal units, as disks are sold. */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = count, unit = 0;
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** `24 GB`, `1.9 GB`, `124 MB`: sizes of models and of graphics memory. */
export function gigabytes(gb: number): string {
  return gb < 1 ? `${Math.round(gb * 1000)} MB` : `${Math.round(gb * 10) / 10} GB`;
}

/** `1 film`, `8 films`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

const DAY_MS = 86_400_000;

/** `just now`, `5 min ago`, `18:42`, `yesterday`, `Thu`, `3 Nov`, `3 Nov 2025`, in the reader's own time zone. */
export function when(at: number, now: number): string {
  const age = now - at;
  if (age < 60_000) return "just now";
  if (age < 3_600_000) return `${Math.floor(age / 60_000)} min ago`;
  const [then, today] = [new Date(at), new Date(now)];
  const days = Math.round((startOf(today) - startOf(then)) / DAY_MS);
  if (days <= 0) return timeOfDay(at);
  if (days === 1) return "yesterday";
  if (days < 7) return then.toLocaleDateString("en-GB", { weekday: "short" });
  const year = then.getFullYear() === today.getFullYear() ? {} : { year: "numeric" as const };
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
}

/** `28 Nov`, `28 Nov 2027`: a day, before or after now. */
export function dayOf(at: number, now: number): string {
  const day = new Date(at);
  const year = day.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
}

/** `18:42`. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** `18:42:07 UTC`: to the second, with the zone of the studio's clock. */
export function exactTime(at: number): string {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" } as const;
  return new Date(at).toLocaleTimeString("en-GB", parts);
}

function startOf(day: Date): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

/** `52 %`, never more than 99 before the end. */
export function percent(share: number): string {
  return `${Math.max(0, Math.min(100, Math.floor(share * 100 + 1e-9)))} %`;
}

/** `3 Nov 2026`: a day by itself. */
export function day(at: number): string {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** `must be an e-mail address` → `Must be an e-mail address.` */
export function asSentence(message: string): string {
  const begun = message.slice(0, 1).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** `First picture` as `the first picture`. */
export function the(title: string): string {
  return /^the /i.test(title) ? title.toLowerCase() : `the ${title.toLowerCase()}`;
}
