/** The words of earlier films, kept in this browser: back and forth through them like through a shell's history. */
import { useRef, useState } from "preact/hooks";
import { read, write } from "./desk.ts";

const KEPT_MAX = 30;

export interface Recall {
  prompts: string[];
  keep(prompt: string): void;
  /** The words one step older (1) or newer (-1) than those shown now; null where there are none. */
  step(by: 1 | -1, shown: string): string | null;
}

export function useRecall(userId: string): Recall {
  const store = `prompts ${userId}`;
  const [prompts, setPrompts] = useState(() => readList(store));
  /** Where one stands, counted from the newest; -1 is what was being typed. */
  const place = useRef({ at: -1, typed: "" });
  return {
    prompts,
    keep(prompt) {
      const next = [prompt, ...prompts.filter((one) => one !== prompt)].slice(0, KEPT_MAX);
      place.current.at = -1;
      setPrompts(next);
      write(store, JSON.stringify(next));
    },
    step(by, shown) {
      const here = place.current;
      if (here.at >= 0 && shown !== prompts[here.at]) here.at = -1;
      if (here.at === -1) here.typed = shown;
      const next = here.at + by;
      if (next < -1 || next >= prompts.length) return null;
      here.at = next;
      return next === -1 ? here.typed : prompts[next] ?? null;
    },
  };
}

function readList(store: string): string[] {
  if (typeof document === "undefined") return [];
  try {
    const list = JSON.parse(read(store) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
