/** What only the page of a long take shows: drawn by the server at first, and from then on by a script that comes for it alone. */
import type { ComponentChildren } from "preact";
import type { Desk } from "./desk.ts";

export type TakeParts = typeof import("./joins.tsx");

interface LateProps {
  desk: Desk;
  drawn: ComponentChildren;
  part(of: TakeParts): ComponentChildren;
}

export function Late({ desk, drawn, part }: LateProps) {
  const parts = desk.takeParts.value;
  return <>{parts === null ? drawn : part(parts)}</>;
}
