/** The composer as a page serves it: the island, with the parts that only the server draws. */
import { begin, chooseMode, type Composition } from "@/core/composer.ts";
import { formsOf } from "@/core/forms.ts";
import Composer, { type ComposerProps } from "@/islands/Composer.tsx";
import { Drawer } from "./drawer.tsx";
import { ModeList } from "./mode_list.tsx";
import { offerFor } from "./offered.ts";
import { PlainFiles } from "./plain.tsx";

export interface ServedProps {
  composing: Omit<ComposerProps, "children" | "drawer" | "more">;
  /** Names this very form: sent twice, it makes one job. */
  ticket: string;
}

export function ServedComposer({ composing, ticket }: ServedProps) {
  const { start, usual, mode, refused, offer, projectId } = composing;
  const composition: Composition = start?.composition ??
    (mode ? chooseMode(begin(usual, {}, formsOf(offer.items)), mode.id, 0, mode).now.composition : usual);
  const offered = offerFor(offer.items, composition);
  const drawer = <Drawer composition={composition} offered={offered} notes={refused?.notes ?? []} />;
  const more = <ModeList modes={offer.items} mode={composition.mode} />;
  return (
    <Composer {...composing} drawer={drawer} more={more}>
      <PlainFiles {...{ start, refused, offered, projectId, ticket }} />
    </Composer>
  );
}
