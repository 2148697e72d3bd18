/** The row of controls below the words: add, how, settings, mode, and the button. */
import type { ComponentChildren, ComponentProps } from "preact";
import { IS_BROWSER } from "fresh/runtime";
import type { Composition } from "@/core/composer.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { composer as words } from "@/core/words/composer.ts";
import { Icon } from "@/components/icon.tsx";
import { chevronDown, film, mic, plus, sliders, wand } from "@/components/icons_first.ts";
import { isLong } from "@/core/modes.ts";
import type { Choice } from "./hands.ts";
import { LateMenu } from "./menu.tsx";
import { isSetting } from "./notes.ts";
import type { Work } from "./work.ts";

interface FootProps {
  work: Work;
  choose(choice: Choice): void;
  send(): void;
  /** The drawer's inside, and before it is loaded. */
  settings: ComponentProps<typeof LateMenu>["inside"];
  children: ComponentChildren;
  /** Further modes, as the server draws them. */
  more: ComponentChildren;
}

export function Foot({ work, choose, send, settings, children, more }: FootProps) {
  const { composition, offered, notes, missing, sending: { isSending } } = work;
  const isWrong = notes.some(({ path }) => isSetting(path));
  return (
    <div class="foot">
      <LateMenu
        buttonClass="btn round"
        class="js"
        label={words.add}
        face={<Icon of={plus} />}
        inside={({ AddMenu }) => <AddMenu {...{ offered, choose }} />}
      />
      <Choices
        name="submode"
        label={words.submodes}
        class="how"
        value={composition.submode}
        of={words.submode}
        choose={(submode) => work.set({ submode })}
      />
      <LateMenu
        class={isWrong ? "tune bad" : "tune"}
        isOpen={isWrong}
        inside={settings}
        face={
          <>
            <Icon of={sliders} />
            <span class="unseen">{words.settings}</span>
            <span class="cut num">{summaryOf(composition, offered)}</span>
          </>
        }
      >
        {children}
      </LateMenu>
      <Modes work={work}>{more}</Modes>
      <button
        type="submit"
        class={missing === null ? "btn go" : "btn go held"}
        aria-disabled={IS_BROWSER && (missing !== null || isSending) ? "true" : "false"}
        aria-describedby="composer-says"
        onClick={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Icon of={wand} />
        {isSending ? words.sending : words.generate}
      </button>
    </div>
  );
}

/** Animate and Audio in one tap; another mode stands beside them while it is the one. */
function Modes({ work, children }: { work: Work; children: ComponentChildren }) {
  const { composition: { mode }, modes, offered, setMode } = work;
  const isOther = offered && !isLong(mode);
  return (
    <div class="modes push">
      <Choices
        name="mode"
        label={words.modes}
        class={isOther ? "many" : ""}
        value={mode}
        of={isOther ? { ...words.mode, [mode]: offered.name } : words.mode}
        icons={{ animate: film, audio: mic }}
        choose={setMode}
      />
      <LateMenu
        class="far-right"
        label={words.allModes}
        face={
          <>
            <span>{words.more}</span>
            <Icon of={chevronDown} />
          </>
        }
        inside={({ ModeList }) => <ModeList {...{ modes, mode }} choose={setMode} />}
      >
        {children}
      </LateMenu>
    </div>
  );
}

interface ChoicesProps<Value extends string> {
  name: string;
  label: string;
  class?: string;
  value: string;
  /** Words of each choice. */
  of: Record<Value, string>;
  icons?: Partial<Record<Value, string>>;
  choose(value: Value): void;
}

/** One of a few, all in sight. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { name, label, class: extra = "", value, of, icons, choose } = props;
  return (
    <span class={`seg ${extra}`} role="radiogroup" aria-label={label}>
      {(Object.keys(of) as Value[]).map((one) => (
        <label key={one}>
          <input
            class="unseen"
            type="radio"
            name={name}
            value={one}
            checked={one === value}
            onChange={() => choose(one)}
          />
          {icons?.[one] && <Icon of={icons[one]} />}
          <span class="cut">{of[one]}</span>
        </label>
      ))}
    </span>
  );
}

/** The drawer's state in a few words, for its button. */
export function summaryOf({ wishes }: Composition, offered: OfferedMode | undefined): string {
  const { width, height, seconds, preset, count } = wishes;
  const title = offered?.presets.find(({ name }) => name === (preset || offered.defaultPreset))?.title;
  const parts = [
    Number(count) > 1 ? words.takes(count) : "",
    width || height ? `${width || "…"}×${height || "…"}` : "",
    seconds ? `${seconds} s` : "",
    title ?? "",
  ];
  return parts.filter((part) => part !== "").join(" · ") || words.settings;
}
