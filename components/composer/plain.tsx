/** The composer's files for browsers without scripts: ordinary file fields, and what an earlier try has brought already. */
import type { Role } from "@/core/composer.ts";
import { LONG_FORMS } from "@/core/forms.ts";
import { isLong } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { PLACES } from "@/core/places.ts";
import { composer as words } from "@/core/words/composer.ts";
import { dashboard } from "@/core/words/dashboard.ts";
import { asSentence } from "@/core/words/format.ts";
import { isUnused } from "./chips.tsx";
import { titleOf } from "./offered.ts";
import type { ComposerProps } from "@/islands/Composer.tsx";

/** The mode in which a place is left out. */
const NOT_IN: Partial<Record<Role, string>> = { motionVideo: "in-animate", audio: "in-audio" };

interface PlainFilesProps extends Pick<ComposerProps, "start" | "refused" | "projectId"> {
  offered: OfferedMode | undefined;
  ticket: string;
}

export function PlainFiles({ start, refused, offered, projectId, ticket }: PlainFilesProps) {
  const places = offered && !isLong(offered.mode)
    ? offered.places
    : [LONG_FORMS.animate, LONG_FORMS.audio].flatMap((form) => form?.places ?? []);
  const required = new Map(places.map(({ place, required }) => [place, required]));
  return (
    <noscript>
      <div class="plain-files">
        <input type="hidden" name="ticket" value={ticket} />
        <Instead refused={refused} />
        {projectId !== null && <input type="hidden" name="projectId" value={projectId} />}
        {[...required].map(([role, isRequired]) => (
          <div key={role} class={`field ${offered && isLong(offered.mode) ? NOT_IN[role] ?? "" : ""}`}>
            <label for={`plain-${role}`}>
              {titleOf(role, offered)}
              {!isRequired && <small class="quiet">{dashboard.optional}</small>}
            </label>
            <input
              id={`plain-${role}`}
              type="file"
              name={role}
              accept={`${PLACES[role]}/*`}
              multiple={role === "references"}
            />
            {isUnused(role, offered) && <p class="hint">{words.unused}</p>}
            <Brought role={role} start={start} />
            {refused?.notes.filter(({ path }) =>
              path.startsWith(`assets.${role}`)
            ).map(({ message }) => <p class="wrong" key={message}>{asSentence(message)}</p>)}
          </div>
        ))}
      </div>
    </noscript>
  );
}

/** What would work where no server takes what was asked for, in one press. */
function Instead({ refused }: Pick<ComposerProps, "refused">) {
  const [note] = refused?.notes ?? [];
  if (!note?.path.startsWith("settings.") || !refused?.problem?.code.startsWith("comfy.")) return null;
  return (
    <p class="note bad whole">
      <span>{note.message}</span>
      <button
        type="submit"
        class="btn slim"
        name="instead"
        value={`${note.path}=${refused.problem.detail?.preset ?? ""}`}
      >
        {words.instead}
      </button>
    </p>
  );
}

function Brought({ role, start }: { role: Role } & Pick<ComposerProps, "start">) {
  if (!start) return null;
  const files = start.composition.chips.filter((chip) => chip.role === role)
    .flatMap(({ key }) => start.files[key] ?? []);
  return (
    <>
      {files.map(({ assetId, name }) =>
        assetId && (
          <p class="hint" key={assetId}>
            <input type="hidden" name={`kept.${role}`} value={assetId} />
            {dashboard.brought(name)}
          </p>
        )
      )}
    </>
  );
}
