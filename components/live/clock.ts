/** What time it is in the browser, and once a second while a page is seen and something is under way. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const SECOND_MS = 1000;

/** Milliseconds. The only place of the pages' scripts that reads a clock. */
export function browserNow(): number {
  return Date.now();
}

/** Begins with the server's time, so that the first picture is the same on both sides. */
export function useNow(start: number, isRunning: boolean): Signal<number> {
  const now = useSignal(start);
  useEffect(() => {
    now.value = browserNow();
    if (!isRunning) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") now.value = browserNow();
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
