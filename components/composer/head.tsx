/** The first line of the composer: what the mode does, and the way back through what was done. */
import { composer as words } from "@/core/words/composer.ts";
import { Icon } from "@/components/icon.tsx";
import { history, keyboard, redo, undo } from "@/components/icons_first.ts";
import { LateMenu } from "./menu.tsx";
import type { Work } from "./work.ts";

interface HeadProps {
  work: Work;
  showKeys(): void;
}

export function Head({ work, showKeys }: HeadProps) {
  const { composition: { mode, submode }, desk: { composer }, offered, set } = work;
  const isAnimate = mode === "animate";
  return (
    <div class="doing">
      <p class="second small">
        <b>{isAnimate ? `${words.mode[mode]} · ${words.submode[submode]}` : offered?.fullName}</b>
        <span>
          {offered?.description} {mode === "take" && <a href="/takes/new">{words.fromFiles}</a>}
        </span>
      </p>
      <div class="tools js">
        <Tool icon={undo} label={words.undo} isOff={composer.past.length === 0} act={work.undo} />
        <Tool icon={redo} label={words.redo} isOff={composer.future.length === 0} act={work.redo} />
        <LateMenu
          buttonClass="tool"
          class="far-right"
          label={words.history}
          face={<Icon of={history} />}
          inside={({ PromptMenu }) => <PromptMenu userId={work.userId} use={(prompt) => set({ prompt })} />}
        />
        <Tool icon={keyboard} label={words.keys} act={showKeys} />
      </div>
    </div>
  );
}

function Tool({ icon, label, isOff, act }: { icon: string; label: string; isOff?: boolean; act(): void }) {
  return (
    <button
      type="button"
      class="tool"
      aria-label={label}
      title={label}
      aria-disabled={isOff ? "true" : "false"}
      onClick={act}
    >
      <Icon of={icon} />
    </button>
  );
}
