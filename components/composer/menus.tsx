/** What the composer's menus hold: files to add, what can be done with one, earlier words. Their script comes when one is opened. */
import { type Chip, remove, type Role } from "@/core/composer.ts";
import { giveRole, rolesFor } from "@/core/composer_edits.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { PLACES } from "@/core/places.ts";
import { composer as words } from "@/core/words/composer.ts";
import { menus } from "@/core/words/menus.ts";
import { Icon } from "@/components/icon.tsx";
import {
  camera,
  cut,
  film,
  image,
  layers,
  mic,
  music,
  retry,
  swap,
  trash,
  user,
} from "@/components/icons.ts";
import { titleOf } from "./offered.ts";
import type { Desk } from "./desk.ts";
import type { Choice } from "./hands.ts";
import { readWords } from "./recall.ts";

const ICONS: Record<Role, string> = {
  groundTruth: user,
  motionVideo: film,
  audio: music,
  references: image,
  poseSheet: layers,
  image,
  lastImage: image,
  video: film,
};

interface AddProps {
  offered: OfferedMode | undefined;
  choose(choice: Choice): void;
}

/** The places of the mode, and on devices in the hand the camera and the microphone. */
export function AddMenu({ offered, choose }: AddProps) {
  const places = offered?.places ?? [];
  const still = places.find(({ place }) => PLACES[place] === "image");
  const moving = places.find(({ place }) => PLACES[place] !== "image");
  const isClip = moving && PLACES[moving.place] === "video";
  if (places.length === 0) return <p class="small quiet">{menus.noFiles}</p>;
  return (
    <>
      <ul class="plain">
        {places.map(({ place, title, effect }) => (
          <Action
            key={place}
            icon={ICONS[place]}
            text={title}
            hint={effect === null ? words.unused : effect ?? menus.asks[place] ?? words.asks[place]}
            act={() => choose({ role: place })}
          />
        ))}
      </ul>
      <ul class="plain touch">
        {still && (
          <Action
            icon={camera}
            text={menus.capture.picture}
            act={() => choose({ role: still.place, capture: true })}
          />
        )}
        {moving && (
          <Action
            icon={isClip ? film : mic}
            text={isClip ? menus.capture.clip : menus.capture.sound}
            act={() => choose({ role: moving.place, capture: true })}
          />
        )}
      </ul>
    </>
  );
}

interface ChipMenuProps {
  chip: Chip;
  desk: Desk;
  offered: OfferedMode | undefined;
  choose(choice: Choice): void;
  trim(key: string): void;
}

export function ChipMenu({ chip: { key, role }, desk, offered, choose, trim }: ChipMenuProps) {
  const file = desk.composer.files[key];
  const transfer = desk.transfers[key];
  const roles = rolesFor(file?.kind ?? null, desk.composer);
  return (
    <ul class="plain">
      {transfer?.state === "failed" && (
        <>
          <li class="wrong">{transfer.why}</li>
          <Action icon={retry} text={menus.again} act={() => desk.retry(key)} />
        </>
      )}
      {roles.filter((other) => other !== role).map((other) => (
        <Action
          key={other}
          icon={ICONS[other]}
          text={menus.useAs(titleOf(other, offered))}
          act={() => desk.change((composer, at) => giveRole(composer, { key, role: other, at }))}
        />
      ))}
      {file?.kind === "video" && file.assetId && (
        <Action
          icon={cut}
          text={menus.trim}
          act={() => trim(key)}
        />
      )}
      <Action icon={swap} text={menus.replace} act={() => choose({ insteadOf: key })} />
      <Action
        icon={trash}
        text={menus.remove}
        act={() => desk.change((composer, at) => remove(composer, key, at))}
      />
    </ul>
  );
}

export function PromptMenu({ userId, use }: { userId: string; use(prompt: string): void }) {
  const prompts = readWords(userId);
  return (
    <>
      <h2>{words.history}</h2>
      {prompts.length === 0 && <p class="small quiet">{menus.noHistory}</p>}
      <ul class="plain">
        {prompts.map((prompt) => (
          <li key={prompt}>
            <button type="button" class="action" data-closes onClick={() => use(prompt)}>
              <span class="cut">{prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why there are drafts alone, and what to do. */
export function DraftOnly() {
  return <p class="small second">{menus.draftOnly}</p>;
}

function Action({ icon, text, hint, act }: { icon: string; text: string; hint?: string; act(): void }) {
  return (
    <li>
      <button type="button" class="action" data-closes onClick={act}>
        <Icon of={icon} />
        <span>
          {text}
          {hint && <small>{hint}</small>}
        </span>
      </button>
    </li>
  );
}
