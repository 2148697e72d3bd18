/** A button with a sheet of choices below it. It opens without a script; with one it closes on Escape, outside, and after a choice. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";

export interface MenuProps {
  /** Of the button. */
  face: ComponentChildren;
  /** Spoken name of the button, where its face has no words. */
  label?: string;
  class?: string;
  buttonClass?: string;
  /** Open in what the server draws. */
  isOpen?: boolean;
  onOpen?(): void;
  children?: ComponentChildren;
}

export function Menu(
  { face, label, class: extra = "", buttonClass = "btn", isOpen, onOpen, children }: MenuProps,
) {
  const ref = useRef<HTMLDetailsElement>(null);
  useEffect(() => ref.current ? closeByItself(ref.current) : undefined, []);
  return (
    <details
      class={`fold ${extra}`}
      ref={ref}
      open={!IS_BROWSER && isOpen}
      onToggle={() => ref.current?.open && onOpen?.()}
    >
      <summary class={buttonClass} aria-label={label} title={label}>{face}</summary>
      <div class="tray">{children}</div>
    </details>
  );
}

function closeByItself(menu: HTMLDetailsElement): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  };
  const onLeave = ({ target }: Event) => {
    if (menu.open && target instanceof Node && !menu.contains(target)) menu.open = false;
  };
  const onChoice = ({ target }: Event) => {
    if (target instanceof Element && target.closest("[data-closes]")) menu.open = false;
  };
  menu.addEventListener("click", onChoice);
  for (const name of ["pointerdown", "focusin"]) document.addEventListener(name, onLeave);
  document.addEventListener("keydown", onKey);
  return () => {
    menu.removeEventListener("click", onChoice);
    for (const name of ["pointerdown", "focusin"]) document.removeEventListener(name, onLeave);
    document.removeEventListener("keydown", onKey);
  };
}
