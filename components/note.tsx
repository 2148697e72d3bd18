/** One line of news at the top of a form: what happened, or what is wrong. */
import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

const KINDS = { bad: icons.alert, good: icons.check, plain: icons.info };

export function Note(
  { kind = "plain", children }: { kind?: keyof typeof KINDS; children: ComponentChildren },
) {
  return (
    <div class={kind === "plain" ? "note" : `note ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon of={KINDS[kind]} />
      <div>{children}</div>
    </div>
  );
}
