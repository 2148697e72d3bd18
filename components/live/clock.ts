/** What time it is, once a second, while a page is seen and something is under way. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const SECOND_MS = 1000;

/** Begins with the server's time, so that the first picture is the same on both sides. */
export function useNow(start: number, isRunning: boolean): Signal<number> {
  const now = useSignal(start);
  useEffect(() => {
    now.value = Date.now();
    if (!isRunning) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") now.value = Date.now();
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}
