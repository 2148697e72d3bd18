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

export function useSheets() {
  const [open, setOpen] = useState<{ Sheet: Sheet; of: string } | null>(null);
  const keys = IS_BROWSER && /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘ ↵" : "Ctrl ↵";
  return {
    send: keys,
    open(name: "KeySheet" | "TrimSheet", of = "") {
      void import("./late.ts").then((late) => setOpen({ Sheet: late[name], of }));
    },
    shown: (desk: Desk) => open && h(open.Sheet, { desk, of: open.of, keys, close: () => setOpen(null) }),
  };
}
