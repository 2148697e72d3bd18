/** Menus whose inside is loaded when they are opened. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Menu, type MenuProps } from "../menu.tsx";

type Late = typeof import("./late.ts");

interface LateMenuProps extends Omit<MenuProps, "onOpen"> {
  inside(late: Late): ComponentChildren;
}

/** A menu whose inside is loaded when it is opened; until then it holds its children. */
export function LateMenu({ inside, children, ...menu }: LateMenuProps) {
  const [late, setLate] = useState<Late | null>(null);
  return (
    <Menu {...menu} onOpen={() => void import("./late.ts").then(setLate)}>
      {late ? inside(late) : children}
    </Menu>
  );
}
