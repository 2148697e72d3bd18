/** Rarer edits of the composer's state: another place for a file, settings from elsewhere, what is offered instead. */
import {
  type Composer,
  type Composition,
  edit,
  type Kind,
  NO_WISHES,
  placesIn,
  type Role,
  type Wishes,
} from "./composer.ts";
import { STOP } from "./composer_finish.ts";
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

/** The wishes for the finished film, as they are typed. */
export function typedFinish({ finish, [STOP]: stop }: Record<string, unknown>): Record<string, string> {
  const typed: Record<string, string> = stop === true ? { [STOP]: "true" } : {};
  const walk = (path: string, value: unknown) => {
    if (typeof value !== "object" || value === null) typed[path] = String(value);
    else for (const [name, part] of Object.entries(value)) walk(`${path}.${name}`, part);
  };
  if (finish) walk("finish", finish);
  return typed;
}

/** What would work where no server takes what was asked for: the path of a setting, and the preset that it should have. */
export interface Offered {
  field: string;
  preset: string | null;
}

const OPTION = "settings.options.";

/** The composition with what was offered: another preset, a draft, or one of the mode's settings as it usually is. */
export function takeOffered(composition: Composition, { field, preset }: Offered): Composition {
  const { wishes, options } = composition;
  if (field === "settings.preset" && preset !== null) {
    return { ...composition, wishes: { ...wishes, preset } };
  }
  if (field === "settings.engine") return { ...composition, wishes: { ...wishes, engine: "draft" } };
  if (!field.startsWith(OPTION)) return composition;
  return { ...composition, options: { ...options, [field.slice(OPTION.length)]: "" } };
}
