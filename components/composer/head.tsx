/** The first line of the composer: what the mode does, and the way back through what was done. */
import type { Composer } from "@/core/composer.ts";
import { composer as words } from "@/core/words/composer.ts";
import { Icon } from "@/components/icon.tsx";
import { history, keyboard, redo, undo } from "@/components/icons.ts";
import { Menu } from "./menu.tsx";

interface HeadProps {
  composer: Composer;
  prompts: string[];
  use(prompt: string): void;
  undo(): void;
  redo(): void;
  showKeys(): void;
}

export function Head({ composer, prompts, use, showKeys, ...steps }: HeadProps) {
  const { mode, submode } = composer.now.composition;
  const isAnimate = mode === "animate";
  return (
    <div class="doing">
      <p class="second small">
        <b>{isAnimate ? `${words.mode[mode]} · ${words.submode[submode]}` : words.mode[mode]}</b>{" "}
        <span>{words.doing[isAnimate ? submode : mode]}</span>
      </p>
      <div class="tools js">
        <Tool icon={undo} label={words.undo} isOff={composer.past.length === 0} act={steps.undo} />
        <Tool icon={redo} label={words.redo} isOff={composer.future.length === 0} act={steps.redo} />
        <Menu buttonClass="tool" class="right" label={words.history.title} face={<Icon of={history} />}>
          <h3>{words.history.title}</h3>
          {prompts.length === 0 && <p class="small quiet">{words.history.none}</p>}
          <ul class="plain">
            {prompts.map((prompt) => (
              <li key={prompt}>
                <button type="button" class="action" data-closes onClick={() => use(prompt)}>
                  <span class="cut">{prompt}</span>
                </button>
              </li>
            ))}
          </ul>
        </Menu>
        <Tool icon={keyboard} label={words.keys} act={showKeys} />
      </div>
    </div>
  );
}

function Tool({ icon, label, isOff, act }: { icon: string; label: string; isOff?: boolean; act(): void }) {
  return (
    <button type="button" class="tool" aria-label={label} title={label} aria-disabled={isOff} onClick={act}>
      <Icon of={icon} />
    </button>
  );
}
