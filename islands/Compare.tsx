/** Two takes locked together: one wiped over the other, or side by side, by the frame. Without scripts two players. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Bench } from "@/components/compare/bench.tsx";
import { Pair } from "@/components/compare/pair.ts";
import { Screens, type Side } from "@/components/compare/screens.tsx";
import { listenToKeys } from "@/components/player/keys.ts";
import type { Rate } from "@/components/player/reel.ts";

export interface CompareProps {
  a: Side;
  b: Side;
  rate: Rate;
  width: number;
  height: number;
}

export function Compare({ a, b, rate, width, height }: CompareProps) {
  const pair = useMemo(() => new Pair(rate), []);
  const isLive = useSignal(false);
  const isSide = useSignal(false);
  const first = useRef<HTMLVideoElement>(null);
  const second = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!first.current || !second.current) return;
    isLive.value = true;
    // Lengths may have been read before this script came.
    if (first.current.readyState > 0) pair.measured("a", first.current.duration);
    if (second.current.readyState > 0) pair.measured("b", second.current.duration);
    const detach = pair.attach(first.current, second.current);
    const silence = listenToKeys({
      toggle: () => pair.toggle(),
      seek: (by) => pair.seek(pair.at.peek() + by),
      step: (by) => pair.step(by),
      loop: () => pair.clearRange(),
      mute: () => pair.hear(pair.heard.peek() === null ? "a" : null),
    });
    return () => {
      detach();
      silence();
    };
  }, []);
  return (
    <>
      <Screens
        {...{ pair, a, b, width, height, first, second }}
        isWipe={!isSide.value}
        isLive={isLive.value}
      />
      <Bench pair={pair} a={a.name} b={b.name} isSide={isSide} />
    </>
  );
}
