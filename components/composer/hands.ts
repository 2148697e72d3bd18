/** Hands on the composer: files dropped anywhere on the page, pasted or chosen, and the keys. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Role } from "@/core/composer.ts";
import { PLACES } from "@/core/places.ts";
import type { Desk } from "./desk.ts";

/** Takes files that are dropped or pasted. True while some hang over the page. */
export function useDrops(add: Desk["add"]): boolean {
  const [isOver, setOver] = useState(false);
  const take = useRef(add);
  take.current = add;
  useEffect(() => {
    const ending = new AbortController();
    const on = <Name extends keyof DocumentEventMap>(
      name: Name,
      act: (event: DocumentEventMap[Name]) => void,
    ) => document.addEventListener(name, act, { signal: ending.signal });
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;
    on("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", (event) => event.relatedTarget === null && setOver(false));
    on("drop", (event) => {
      setOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      take.current(event.dataTransfer?.files ?? []);
    });
    on("paste", (event) => {
      const files = event.clipboardData?.files;
      if (!files?.length) return;
      event.preventDefault();
      take.current(files);
    });
    return () => ending.abort();
  }, []);
  return isOver;
}

export interface Choice {
  role?: Role;
  insteadOf?: string;
  /** Straight from the camera or the microphone, where the device can. */
  capture?: boolean;
}

/** The one file chooser, set for each use. */
export function useChooser(add: Desk["add"]) {
  const input = useRef<HTMLInputElement>(null);
  const choice = useRef<Choice>({});
  return {
    choose(how: Choice) {
      const field = input.current;
      if (!field) return;
      choice.current = how;
      field.accept = how.role ? `${PLACES[how.role]}/*` : "image/*,video/*,audio/*";
      field.multiple = !how.insteadOf && (!how.role || how.role === "references");
      if (how.capture) field.setAttribute("capture", "environment");
      else field.removeAttribute("capture");
      field.click();
    },
    field: {
      ref: input,
      type: "file",
      hidden: true,
      tabIndex: -1,
      onChange() {
        const field = input.current;
        if (!field?.files) return;
        add([...field.files], choice.current);
        field.value = "";
      },
    },
  };
}

export interface Keys {
  send(): void;
  undo(): void;
  redo(): void;
  /** Shows what the keys do. */
  show(): void;
}

/** Keys work on the whole page, unless something else takes them. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = event.defaultPrevented ? null : actOf(event, latest.current);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function actOf(event: KeyboardEvent, keys: Keys): (() => void) | null {
  const target = event.target instanceof Element ? event.target : document.body;
  const isTyping = target.matches("input:not([type=radio]), textarea, select, [contenteditable]");
  const isElsewhere = target.closest("dialog, [data-own]") !== null ||
    (isTyping && target.closest("form.composer") === null);
  if (isElsewhere) return null;
  if (event.key === "?" && !isTyping) return keys.show;
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (key === "enter") return keys.send;
  if (key === "z") return event.shiftKey ? keys.redo : keys.undo;
  return key === "y" ? keys.redo : null;
}
