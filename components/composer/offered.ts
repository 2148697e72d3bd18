/** What of the offer the composition is about: its mode, and what its places are called there. */
import type { Composition, Role } from "@/core/composer.ts";
import { modeId } from "@/core/modes.ts";
import type { OfferedMode } from "@/core/offer.ts";
import { composer as words } from "@/core/words/composer.ts";

/** The one mode that is offered for a composition. */
export function offerFor(
  modes: readonly OfferedMode[],
  { mode, submode }: Composition,
): OfferedMode | undefined {
  return modes.find((one) => modeId(one) === mode && (mode !== "animate" || one.submode === submode));
}

export function titleOf(role: Role, offered: OfferedMode | undefined): string {
  return offered?.places.find(({ place }) => place === role)?.title ?? words.roles[role] ?? "";
}
