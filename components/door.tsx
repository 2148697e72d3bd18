/** The one panel of the pages in front of the studio: a picture, what this is, and a form. */
import type { ComponentChildren } from "preact";
import { Dusk } from "./film_art.tsx";

export interface DoorProps {
  title: string;
  text?: string;
  children: ComponentChildren;
}

export function Door({ title, text, children }: DoorProps) {
  return (
    <main class="door">
      <section class="panel">
        <Dusk />
        <h1>{title}</h1>
        {text && <p class="second small">{text}</p>}
        {children}
      </section>
    </main>
  );
}
