/** The sheets over the page: their scripts come when they are opened for the first time. */
import { type ComponentChildren, h } from "preact";
import { useState } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import type { Desk } from "./desk.ts";

export interface SheetProps {
  desk: Desk;
  /** The chip that it is about. */
  of: string;
  /** The keys that send. */
  keys: string;
  close(): void;
}

type Sheet = (props: SheetProps) => ComponentChildren;

const LOADS = {
  keys: () => import("./keys.tsx"),
  trim: () => import("./trim.tsx"),
};

export function useSheets() {
  const [open, setOpen] = useState<{ Sheet: Sheet; of: string } | null>(null);
  const keys = IS_BROWSER && /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘ ↵" : "Ctrl ↵";
  return {
    send: keys,
    open(name: keyof typeof LOADS, of = "") {
      void LOADS[name]().then((module) => setOpen({ Sheet: module.default, of }));
    },
    shown: (desk: Desk) => open && h(open.Sheet, { desk, of: open.of, keys, close: () => setOpen(null) }),
  };
}
