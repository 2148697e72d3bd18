/** A sheet over the page: takes the focus, closes on Escape and outside, gives the focus back. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "@/components/icon.tsx";
import { x } from "@/components/icons.ts";
import { sheets as words } from "@/core/words/sheets.ts";

interface DialogProps {
  title: string;
  close(): void;
  children: ComponentChildren;
}

export function Dialog({ title, close, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      class="over-page"
      aria-label={title}
      onClose={close}
      onClick={({ target }) => target === ref.current && ref.current?.close()}
    >
      <div class="inside">
        <div class="row">
          <h2>{title}</h2>
          <button
            type="button"
            class="tool push"
            aria-label={words.close}
            onClick={() => ref.current?.close()}
          >
            <Icon of={x} />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
