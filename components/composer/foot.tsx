/** The row of controls below the words: add, how, settings, mode, and the button. */
import type { ComponentChildren } from "preact";
import { type Composition, type Mode, PLACES_OF, type Role, type Submode } from "@/core/composer.ts";
import { PLACES } from "@/core/places.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownModes } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { Icon } from "@/components/icon.tsx";
import { camera, film, image, layers, mic, music, plus, sliders, user, wand } from "@/components/icons.ts";
import { Action } from "./chips.tsx";
import type { Choice } from "./hands.ts";
import { Menu } from "./menu.tsx";

/** The one mode that is offered for a composition. */
export function offerFor(offer: ShownModes, { mode, submode }: Composition): OfferedMode | undefined {
  return offer.items.find((one) => one.mode === mode && (mode !== "animate" || one.submode === submode));
}

interface FootProps {
  composition: Composition;
  offered: OfferedMode | undefined;
  isSending: boolean;
  /** Something is missing: the button says what, and stays reachable. */
  isHeld: boolean;
  choose(choice: Choice): void;
  setMode(mode: Mode): void;
  setSubmode(submode: Submode): void;
  send(): void;
  openSettings(): void;
  /** The drawer's inside. */
  children: ComponentChildren;
}

export function Foot(props: FootProps) {
  const { composition, offered, isSending, isHeld, setMode, setSubmode, send, children } = props;
  const { mode, submode } = composition;
  return (
    <div class="foot">
      <Add {...props} />
      <span class="seg how" role="radiogroup" aria-label={words.submodes}>
        {(["move", "mix"] as const).map((one) => (
          <label key={one}>
            <input
              class="unseen"
              type="radio"
              name="submode"
              value={one}
              checked={one === submode}
              onChange={() => setSubmode(one)}
            />
            {words.submode[one]}
          </label>
        ))}
      </span>
      <Menu
        class="settings"
        onOpen={props.openSettings}
        face={
          <>
            <Icon of={sliders} />
            <span class="unseen">{words.settings}</span>
            <span class="cut num">{summaryOf(composition, offered)}</span>
          </>
        }
      >
        {children}
      </Menu>
      <span class="seg push" role="radiogroup" aria-label={words.modes}>
        {(["animate", "audio"] as const).map((one) => (
          <label key={one}>
            <input
              class="unseen"
              type="radio"
              name="mode"
              value={one}
              checked={one === mode}
              onChange={() => setMode(one)}
            />
            <Icon of={one === "animate" ? film : mic} />
            {words.mode[one]}
          </label>
        ))}
      </span>
      <button
        type="submit"
        class="btn go"
        aria-disabled={isHeld || isSending}
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

const ICONS: Record<Role, string> = {
  groundTruth: user,
  motionVideo: film,
  audio: music,
  references: image,
  poseSheet: layers,
};

function Add({ composition: { mode }, offered, choose }: FootProps) {
  const isUnused = (role: Role) =>
    offered?.optional.some(({ place, effect }) => place === role && effect === null);
  const [, moving = "audio"] = PLACES_OF[mode];
  return (
    <Menu buttonClass="btn round" class="js" label={words.add} face={<Icon of={plus} />}>
      <ul class="plain">
        {PLACES_OF[mode].map((role) => (
          <Action
            key={role}
            icon={ICONS[role]}
            text={words.roles[role]}
            hint={isUnused(role) ? words.unused : words.asks[role]}
            act={() => choose({ role })}
          />
        ))}
      </ul>
      <ul class="plain touch">
        <Action
          icon={camera}
          text={words.capture.picture}
          act={() => choose({ role: "groundTruth", capture: true })}
        />
        <Action
          icon={PLACES[moving] === "video" ? film : mic}
          text={words.capture[PLACES[moving] === "video" ? "clip" : "sound"]}
          act={() => choose({ role: moving, capture: true })}
        />
      </ul>
    </Menu>
  );
}

/** The drawer's state in a few words, for its button. */
export function summaryOf({ wishes }: Composition, offered: OfferedMode | undefined): string {
  const { width, height, seconds, preset } = wishes;
  const title = offered?.presets.find(({ name }) => name === (preset || offered.defaultPreset))?.title;
  const parts = [
    width || height ? `${width || "…"}×${height || "…"}` : "",
    seconds ? `${seconds} s` : "",
    title ?? "",
  ];
  return parts.filter((part) => part !== "").join(" · ") || words.settings;
}
