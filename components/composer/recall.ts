/** The words of earlier films, kept in this browser: back and forth through them like through a shell's history. */
import { read, write } from "./desk.ts";

const KEPT_MAX = 30;

/** Where one stands, counted from the newest; -1 is what was being typed. */
const place = { at: -1, typed: "" };

const storeOf = (userId: string) => `prompts ${userId}`;

export function readWords(userId: string): string[] {
  try {
    const list = JSON.parse(read(storeOf(userId)) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function keepWords(userId: string, prompt: string): void {
  place.at = -1;
  const others = readWords(userId).filter((one) => one !== prompt);
  write(storeOf(userId), JSON.stringify([prompt, ...others].slice(0, KEPT_MAX)));
}

/** The words one step older (1) or newer (-1) than those shown now; null where there are none. */
export function stepWords(userId: string, { by, shown }: { by: 1 | -1; shown: string }): string | null {
  const prompts = readWords(userId);
  if (place.at >= 0 && shown !== prompts[place.at]) place.at = -1;
  if (place.at === -1) place.typed = shown;
  const next = place.at + by;
  if (next < -1 || next >= prompts.length) return null;
  place.at = next;
  return next === -1 ? place.typed : prompts[next] ?? null;
}
