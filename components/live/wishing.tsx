/** What can be wished for when a film is ready: a sound, a notification. */
import { live } from "@/core/words/live.ts";
import { canNotify, wish } from "./ending.ts";
import { wishes } from "./wishes.ts";

export function Wishing() {
  const { sound, notice } = wishes.value;
  const isRefused = !canNotify();
  return (
    <div>
      <b class="small">{live.tell}</b>
      <label class="check">
        <input type="checkbox" checked={sound} onChange={() => void wish({ sound: !sound })} />
        {live.sound}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={notice && !isRefused}
          disabled={isRefused}
          onChange={() => void wish({ notice: !notice })}
        />
        {isRefused ? live.noticeDenied : live.notice}
      </label>
    </div>
  );
}
