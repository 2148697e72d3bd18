/** What is attached: a chip per file with its picture, its role and how far it is, and one for each place that still waits. */
import {
  type Chip,
  emptyPlaces,
  type HeldFile,
  hiddenChips,
  remove,
  type Role,
  shownChips,
} from "@/core/composer.ts";
import { isLong } from "@/core/modes.ts";
import { PLACES } from "@/core/places.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownField } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { percent } from "@/core/words/format.ts";
import { Icon } from "@/components/icon.tsx";
import { film, image, music, x } from "@/components/icons_first.ts";
import type { Desk } from "./desk.ts";
import { LateMenu } from "./menu.tsx";
import { titleOf } from "./offered.ts";
import type { Transfer } from "./uploads.ts";

export interface ChipsProps {
  desk: Desk;
  offered: OfferedMode | undefined;
  notes: ShownField[];
  /** Opens the file chooser for a place, or to replace a chip. */
  choose(how: { role?: Role; insteadOf?: string }): void;
  trim(key: string): void;
}

const PICTURE = { image, video: film, audio: music };

export function Chips({ desk, offered, notes, choose, trim }: ChipsProps) {
  const { mode } = desk.composer.now.composition;
  const chips = shownChips(desk.composer);
  // What a long film can do without stands in the menu of files.
  const waiting = emptyPlaces(desk.composer).filter(({ required }) => required || !isLong(mode));
  const hidden = hiddenChips(desk.composer).length;
  const other = mode === "animate" ? "audio" : "animate";
  return (
    <ul class="chips plain" aria-label={words.chip.list}>
      {chips.map((chip) => (
        <Attached
          key={chip.key}
          {...{ chip, desk, offered, choose, trim }}
          title={chip.role ? titleOf(chip.role, offered) : ""}
          isUnused={isUnused(chip.role, offered)}
          note={noteOf(chip, chips, notes)}
        />
      ))}
      {waiting.map(({ place, required }) => {
        const note = notes.find(({ path }) => path === `assets.${place}`)?.message;
        return (
          <li key={place}>
            <button type="button" class="chip ghost" title={note} onClick={() => choose({ role: place })}>
              <span class="thumb">
                <Icon of={PICTURE[PLACES[place]]} />
              </span>
              <span class="cut">
                {titleOf(place, offered)}
                <small>{required ? words.asks[place] : words.optional[PLACES[place]]}</small>
              </span>
            </button>
          </li>
        );
      })}
      {hidden > 0 && (
        <li class="aside">{words.chip.hidden(hidden, isLong(mode) ? words.mode[other] : null)}</li>
      )}
    </ul>
  );
}

export function isUnused(role: Role | null, offered: OfferedMode | undefined): boolean {
  return offered?.places.some(({ place, effect }) => place === role && effect === null) ?? false;
}

/** What the studio says of this very file. */
function noteOf({ key, role }: Chip, chips: Chip[], notes: ShownField[]): string | undefined {
  const nth = chips.filter((chip) => chip.role === role).findIndex((chip) => chip.key === key);
  const path = role === "references" ? `assets.references.${nth}` : `assets.${role}`;
  return notes.find((note) => note.path === path)?.message;
}

interface AttachedProps extends Pick<ChipsProps, "desk" | "offered" | "choose" | "trim"> {
  chip: Chip;
  /** What its place is called. */
  title: string;
  isUnused: boolean;
  note?: string;
}

function Attached({ chip: { key, role }, title, isUnused, note, ...shared }: AttachedProps) {
  const { desk } = shared;
  const file = desk.composer.files[key];
  if (!file) return null;
  const transfer = desk.transfers[key];
  const isBad = transfer?.state === "failed" || note !== undefined;
  const picture = desk.pictureOf(key);
  return (
    <li class={isBad ? "chip bad" : "chip"}>
      <LateMenu
        buttonClass="face"
        face={
          <>
            <span class="thumb">
              <Icon of={PICTURE[file.kind ?? "image"]} />
              {picture && (
                <img
                  key={picture}
                  src={picture}
                  alt=""
                  data-fresh-disable-lock
                  onError={({ currentTarget }) => currentTarget.hidden = true}
                />
              )}
            </span>
            <span class="cut">
              {file.name}
              <small class="cut num">{lineOf({ file, transfer, title, isUnused, note })}</small>
            </span>
          </>
        }
        inside={({ ChipMenu }) => <ChipMenu {...shared} chip={{ key, role }} />}
      />
      {/* Not beside the menu itself: a button of the server's would be moved here instead of a new one being made. */}
      <span>
        <button
          type="button"
          class="x"
          aria-label={words.chip.remove(file.name)}
          onClick={() => desk.change((composer, at) => remove(composer, key, at))}
        >
          <Icon of={x} />
        </button>
      </span>
      {transfer?.state === "sending" && <progress value={transfer.share} aria-hidden="true"></progress>}
    </li>
  );
}

interface Line {
  file: HeldFile;
  transfer: Transfer | undefined;
  title: string;
  isUnused: boolean;
  note?: string;
}

function lineOf({ file, transfer, title, isUnused, note }: Line): string {
  const chip = words.chip;
  if (transfer?.state === "sending") return chip.sending(percent(transfer.share));
  if (transfer) return transfer.state === "failed" ? chip.failed : chip[transfer.state];
  if (!file.assetId) return chip.reading;
  if (note) return note;
  if (isUnused) return words.unused;
  const more = chip.facts(file);
  return more === "" ? title : `${title} · ${more}`;
}
