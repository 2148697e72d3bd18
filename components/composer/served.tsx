/** The composer as a page serves it: the island, with the parts that only the server draws. */
import type { Composition } from "@/core/composer.ts";
import Composer, { type ComposerProps } from "@/islands/Composer.tsx";
import { Drawer } from "./drawer.tsx";
import { offerFor } from "./foot.tsx";
import { PlainFiles } from "./plain.tsx";

export interface ServedProps {
  composing: Omit<ComposerProps, "children" | "drawer">;
  /** Names this very form: sent twice, it makes one job. */
  ticket: string;
}

export function ServedComposer({ composing, ticket }: ServedProps) {
  const { start, usual, refused, offer, projectId } = composing;
  const composition: Composition = start?.composition ?? usual;
  const offered = offerFor(offer, composition);
  const drawer = <Drawer composition={composition} offered={offered} notes={refused?.notes ?? []} />;
  return (
    <Composer {...composing} drawer={drawer}>
      <PlainFiles {...{ start, refused, offered, projectId, ticket }} />
    </Composer>
  );
}
