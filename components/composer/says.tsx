/** What will happen when the button is pressed, or what is missing until it can be. */
import type { ComponentChildren } from "preact";
import { type Lack, shownChips } from "@/core/composer.ts";
import { isLong } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { composer } from "@/core/words/composer.ts";
import { asSentence, clock, span } from "@/core/words/format.ts";
import { Icon } from "@/components/icon.tsx";
import { alert } from "@/components/icons_first.ts";
import type { ProblemAnswer } from "@/core/shown.ts";
import type { Desk } from "./desk.ts";
import { Choices } from "./foot.tsx";
import { LateMenu } from "./menu.tsx";
import { isSetting } from "./notes.ts";
import { titleOf } from "./offered.ts";
import type { Foresight } from "./preview.ts";

const words = composer.says;

/** One sentence on what is missing; null when nothing is. */
export function missingOf(
  { lacks, desk, foresight: { preview }, offered }: {
    lacks: Lack[];
    desk: Desk;
    foresight: Foresight;
    offered: OfferedMode | undefined;
  },
): string | null {
  for (const { key } of shownChips(desk.composer)) {
    const { state, why = "" } = desk.transfers[key] ?? {};
    if (state === "failed") return composer.failed(desk.composer.files[key]?.name ?? "", why);
  }
  const missing = lacks.filter((lack) => lack !== "uploading").map((lack) =>
    lack === "prompt" || !offered || isLong(offered.mode)
      ? composer.lacks[lack] ?? lack
      : composer.lack(titleOf(lack, offered))
  );
  if (missing.length > 0) return composer.missing(missing);
  if (lacks.length > 0) return composer.wait;
  if (preview === null || preview.ok) return null;
  if (preview.servers !== null) return preview.servers.says;
  if (preview.missing.some(({ path }) => isSetting(path))) return composer.checkSettings;
  return [...new Set(preview.missing.map(({ message }) => asSentence(message)))].join(" ");
}

/** Nobody calls this a wait. */
const AT_ONCE_S = 15;

interface SaysProps {
  missing: string | null;
  foresight: Foresight;
  /** The keys that send. */
  keys: string;
  /** Takes what would work in place of what was asked for. */
  instead(): void;
  children: ComponentChildren;
}

export function Says({ missing, foresight, keys, instead, children }: SaysProps) {
  const { preview, isLooking, trouble } = foresight;
  const plan = preview?.ok ? preview : null;
  return (
    <div class="says num">
      <p id="composer-says" aria-busy={isLooking ? "true" : "false"}>
        {missing !== null
          ? <span>{missing}</span>
          : trouble !== null
          ? <span>{trouble}</span>
          : plan
          ? <Figures preview={plan} />
          : <span>{words.looking}</span>}
      </p>
      {missing !== null && missing === preview?.servers?.says &&
        preview.servers.field.startsWith("settings.") && (
        <button type="button" class="btn slim" onClick={instead}>{composer.instead}</button>
      )}
      {missing === null && plan && plan.notes.length > 0
        ? <p class="quiet">{plan.notes.join(" ")}</p>
        : <p class="quiet hint">{words.hint(keys)}</p>}
      {children}
    </div>
  );
}

function Figures({ preview }: { preview: NonNullable<Foresight["preview"]> }) {
  const { chunks, frames, frameRate, size, seconds, estimate, queue } = preview;
  return (
    <>
      <span>
        {chunks !== null && chunks > 1 && (
          <>
            <b>{words.chunks(chunks)}</b>
            {" · "}
          </>
        )}
        {seconds !== null && <b>{clock(seconds)}</b>}
        {size !== null && (frames === null || frameRate === null
          ? <b>{words.picture(size.width, size.height)}</b>
          : `, ${words.film(frames, frameRate, size.width, size.height)}`)}
      </span>
      {estimate !== null && (
        <span>
          {words.about} <b>{span(estimate.seconds)}</b> {words.range(estimate.low, estimate.high)}
        </span>
      )}
      {(queue.startsInSeconds ?? 0) < AT_ONCE_S ? <span>{words.first}</span> : (
        <span>
          {words.position} <b>{queue.position}</b> {words.inQueue(queue.startsInSeconds)}
        </span>
      )}
    </>
  );
}

/** Draft or final, where there is a choice; else a quiet line on how to get one. */
export function Quality(
  { hasFinal, engine, choose }: { hasFinal: boolean; engine: string; choose(engine: string): void },
) {
  const { quality, draftOnly } = composer;
  if (!hasFinal) {
    return (
      <LateMenu
        class="far-right quality"
        buttonClass="quiet"
        face={draftOnly}
        inside={({ DraftOnly }) => <DraftOnly />}
      />
    );
  }
  return (
    <Choices
      name="settings.engine"
      label={quality.label}
      class="quality"
      value={engine}
      of={quality.of}
      choose={choose}
    />
  );
}

/** A refusal that is about no field. */
export function Refusal({ refusal }: { refusal: { problem: ProblemAnswer | null } | null }) {
  if (refusal === null) return null;
  const { problem } = refusal;
  const hasLeft = problem?.status === 401;
  return (
    <p class="note bad" role="alert">
      <Icon of={alert} />
      <span>
        {hasLeft ? composer.signIn.text : problem?.title ?? composer.offline}{" "}
        {hasLeft && <a href="/login?next=/dashboard">{composer.signIn.link}</a>}
      </span>
    </p>
  );
}
