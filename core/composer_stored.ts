/** The composer's state as text: what outlives a reload, and what of it still holds afterwards. */
import { begin, type Composer, type Composition, type HeldFile, NO_WISHES } from "./composer.ts";
import { type Forms, LONG_FORMS } from "./forms.ts";

/** What outlives a reload: the composition, and the files that the studio has. */
export function toStored({ now: { composition }, files }: Composer): string {
  const chips = composition.chips.filter(({ key }) => files[key]?.assetId);
  const kept = Object.fromEntries(chips.map(({ key }) => [key, files[key]]));
  return JSON.stringify({ ...composition, chips, files: kept });
}

const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string";

/** Reads it back; whatever does not look like it any more, or is not offered any more, is left out. */
export function fromStored(text: string | null, forms: Forms = LONG_FORMS): Composer | null {
  let stored: Partial<Composition> & { files?: Record<string, HeldFile> };
  try {
    stored = JSON.parse(text ?? "");
  } catch {
    return null;
  }
  if (typeof stored !== "object" || stored === null) return null;
  const { mode, submode, prompt, negativePrompt, wishes, options, chips, files } = stored;
  const known = Object.entries(files ?? {}).filter(([, file]) => typeof file?.assetId === "string");
  const keys = new Map(known);
  const texts = (of: unknown) => Object.fromEntries(Object.entries<unknown>(Object(of)).filter(isText));
  return begin(
    {
      mode: mode && Object.hasOwn(forms, mode) ? mode : "animate",
      submode: submode === "mix" ? "mix" : "move",
      prompt: String(prompt ?? ""),
      negativePrompt: String(negativePrompt ?? ""),
      wishes: { ...NO_WISHES, ...texts(wishes) },
      options: texts(options),
      chips: Array.isArray(chips) ? chips.filter((chip) => keys.has(chip?.key)) : [],
    },
    Object.fromEntries(known),
    forms,
  );
}
