/** Asks to be told when a film is ready: by a sound, by a notification. Remembered in this browser. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { live } from "@/core/words/live.ts";
import { Icon } from "../icon.tsx";
import { bell } from "../icons.ts";
import { canNotify, isPromised, recallWishes, wish, wishes } from "./ending.ts";

export function TellMe() {
  const isLive = useSignal(false);
  useEffect(() => {
    recallWishes();
    isLive.value = true;
  }, []);
  const { sound, notice } = wishes.value;
  const isRefused = isLive.value && !canNotify();
  return (
    <details class="pop needs-script">
      <summary class={isPromised() ? "knob on" : "knob"} aria-label={live.tell} title={live.tell}>
        <Icon of={bell} />
      </summary>
      <div>
        <b class="small">{live.tell}</b>
        <label class="check">
          <input type="checkbox" checked={sound} onChange={() => void wish({ sound: !sound })} />
          {live.sound}
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={notice}
            disabled={isRefused}
            onChange={() => void wish({ notice: !notice })}
          />
          {isRefused ? live.noticeDenied : live.notice}
        </label>
      </div>
    </details>
  );
}
