/** The bar on top of every page: the mark, and at most one line of state. */
import type { ComponentChildren } from "preact";

export function Header({ children }: { children?: ComponentChildren }) {
  return (
    <header class="bar">
      <a class="mark" href="/">
        <b aria-hidden="true"></b>Animatrix
      </a>
      {children}
    </header>
  );
}
