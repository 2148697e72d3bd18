/** Asks to be told when a film is ready. What can be wished for comes when the bell is opened. */
import { useSignal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { live } from "@/core/words/live.ts";
import { Icon } from "../icon.tsx";
import { bell } from "../icons_first.ts";
import { isPromised } from "./wishes.ts";

export function TellMe() {
  const sheet = useSignal<{ Wishing: FunctionComponent } | null>(null);
  const open = async () => void (sheet.value ??= await import("./wishing.tsx"));
  const Wishing = sheet.value?.Wishing;
  return (
    <details class="pop needs-script" onToggle={() => void open()}>
      <summary class={isPromised() ? "knob on" : "knob"} aria-label={live.tell} title={live.tell}>
        <Icon of={bell} />
      </summary>
      {Wishing && <Wishing />}
    </details>
  );
}
