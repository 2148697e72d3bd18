/** The picture and the clip of a take: what is there, how far it has come, and a way to another one. */
import { IS_BROWSER } from "fresh/runtime";
import { TAKE_PLACES, type TakeEntry, type TakePlace } from "@/core/take_sheet.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { Icon } from "../icon.tsx";
import { film, image, x } from "../icons_first.ts";
import { placeId, type TakesDesk } from "./desk.ts";

interface MediaProps {
  desk: TakesDesk;
  entry: TakeEntry;
  field(what: string): string;
}

const TITLES = { image: words.image, video: words.video };
const ADD = { image: words.addImage, video: words.addVideo };
const ICONS = { image, video: film };

export function TakeMedia({ desk, entry, field }: MediaProps) {
  return (
    <div class="row beside-take">
      {TAKE_PLACES.map((place) => <Place key={place} {...{ desk, entry, field, place }} />)}
    </div>
  );
}

function Place({ desk, entry, field, place }: MediaProps & { place: TakePlace }) {
  const file = entry[place];
  const transfer = desk.transfers[placeId(entry.key, place)];
  const state = transfer?.state === "failed"
    ? words.broken(transfer.why)
    : file && file.assetId === null
    ? transfer?.state === "reading" ? words.checking : words.sending
    : TITLES[place];
  return (
    <span class={transfer?.state === "failed" ? "chip bad" : file ? "chip" : "chip ghost"}>
      <label class="face">
        <span class="thumb">
          {file?.thumbnail ? <img src={file.thumbnail} alt="" /> : <Icon of={ICONS[place]} />}
        </span>
        <span class="cut">
          {file?.name ?? ADD[place]}
          {file && <small class="cut">{state}</small>}
        </span>
        <input
          type="file"
          class={IS_BROWSER ? "unseen" : "unseen plain-file"}
          // Without scripts the form brings it along; with them it goes by itself.
          name={IS_BROWSER ? undefined : field(`${place}File`)}
          accept={`${place}/*`}
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.files?.[0];
            if (chosen) desk.addFile(entry.key, { place, file: chosen });
            currentTarget.value = "";
          }}
        />
      </label>
      {file?.assetId && (
        <>
          <input type="hidden" name={field(place)} value={file.assetId} />
          <input type="hidden" name={field(`${place}Name`)} value={file.name} />
          <input type="hidden" name={field(`${place}Thumb`)} value={file.thumbnail ?? ""} />
        </>
      )}
      {file && (
        <button
          type="button"
          class="x needs-script"
          aria-label={words.dropMedia(file.name)}
          title={words.dropMedia(file.name)}
          onClick={() => desk.dropFile(entry.key, place)}
        >
          <Icon of={x} />
        </button>
      )}
      {transfer && transfer.state !== "failed" && (
        <progress max={1} value={transfer.share} aria-label={state} />
      )}
    </span>
  );
}
