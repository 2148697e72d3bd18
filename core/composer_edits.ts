/** Rarer edits of the composer's state: another place for a file, settings from elsewhere. */
import { type Composer, edit, type Kind, NO_WISHES, placesIn, type Role, type Wishes } from "./composer.ts";
import { typedFinish } from "./composer_finish.ts";
import { PLACES } from "./places.ts";

/** Gives a file another place. Whoever is in a place for one changes with it. */
export function giveRole(
  composer: Composer,
  { key, role, at }: { key: string; role: Role; at: number },
): Composer {
  const { composition } = composer.now;
  const former = composition.chips.find((chip) => chip.key === key)?.role ?? null;
  const chips = composition.chips.map((chip) => {
    if (chip.key === key) return { key, role };
    return chip.role === role && role !== "references" ? { ...chip, role: former } : chip;
  });
  return edit(composer, { chips }, { name: "", at });
}

/** Roles that a file of this kind could have in the mode. */
export function rolesFor(kind: Kind | null, { now, forms }: Pick<Composer, "now" | "forms">): Role[] {
  return placesIn(forms, now.composition.mode).map(({ place }) => place).filter((role) =>
    PLACES[role] === kind
  );
}

/** The settings of a job or a preset, as they are typed. */
export function wishesOf(settings: Record<string, unknown>): Wishes {
  const wishes = { ...NO_WISHES };
  for (const name of Object.keys(NO_WISHES) as (keyof Wishes)[]) {
    const value = settings[name];
    if (typeof value === "string" || typeof value === "number") wishes[name] = String(value);
  }
  return wishes;
}

/** The mode's own settings of a job or a preset and the wishes for its film, as they are typed. */
export function optionsOf(settings: Record<string, unknown>): Record<string, string> {
  const own = Object.entries(Object(settings.options)).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(own), ...typedFinish(settings) };
}
