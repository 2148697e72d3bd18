/** Moving a job in a list: by dragging its grip, or with the keys, each step told to those who do not see it. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { moveTo } from "@/core/queue.ts";
import { queue as words } from "@/core/words/queue.ts";
import { beginDrag } from "./drag.ts";

export interface Lifted {
  id: string;
  order: string[];
}

export interface LiftOptions {
  ids: string[];
  titleOf(id: string): string;
  /** While true nothing else may change the list. */
  hold(isHeld: boolean): void;
  drop(ids: string[]): void;
}

export interface Lift {
  /** What the keys hold now, and the order as it would be. */
  lifted: Lifted | null;
  /** For a live region. */
  said: string;
  /** Events of one grip. */
  grip(id: string): {
    onKeyDown(event: KeyboardEvent): void;
    onPointerDown(event: PointerEvent): void;
    "aria-pressed": boolean;
  };
}

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowUp: (at) => at - 1,
  ArrowDown: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};

export function useLift({ ids, titleOf, hold, drop }: LiftOptions): Lift {
  const [lifted, setLifted] = useState<Lifted | null>(null);
  const [said, say] = useState("");
  const focused = useRef<HTMLElement | null>(null);
  // A list that is put into another order takes the focus away from what moved.
  useLayoutEffect(() => {
    if (lifted) focused.current?.focus();
  }, [lifted]);
  useEffect(() => () => hold(false), []);

  const put = (next: Lifted | null, words: string) => {
    hold(next !== null);
    setLifted(next);
    say(words);
  };
  const placeOf = (order: string[], id: string) => order.indexOf(id) + 1;
  const finish = ({ id, order }: Lifted) => {
    put(null, words.move.dropped(titleOf(id), placeOf(order, id), order.length));
    if (order.join() !== ids.join()) drop(order);
  };
  const onKeyDown = (event: KeyboardEvent, id: string) => {
    const { key } = event;
    if (lifted === null) {
      if (key !== " " && key !== "Enter") return;
      event.preventDefault();
      focused.current = event.currentTarget instanceof HTMLElement ? event.currentTarget : null;
      return put({ id, order: ids }, words.move.lifted(titleOf(id), placeOf(ids, id), ids.length));
    }
    if (key === "Escape" || key === "Tab") return put(null, words.move.back(titleOf(id)));
    const step = STEPS[key];
    if (step === undefined && key !== " " && key !== "Enter") return;
    event.preventDefault();
    if (step === undefined) return finish(lifted);
    const from = lifted.order.indexOf(id);
    const order = moveTo(lifted.order, from, step(from, lifted.order.length - 1));
    put({ id, order }, words.move.moved(placeOf(order, id), order.length));
  };
  const onPointerDown = (event: PointerEvent, id: string) => {
    const from = ids.indexOf(id);
    hold(true);
    beginDrag(event, (to) => {
      hold(false);
      if (to !== null && to !== from) finish({ id, order: moveTo(ids, from, to) });
    });
  };
  return {
    lifted,
    said,
    grip: (id) => ({
      onKeyDown: (event) => onKeyDown(event, id),
      onPointerDown: (event) => onPointerDown(event, id),
      "aria-pressed": lifted?.id === id,
    }),
  };
}
