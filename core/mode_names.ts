/** What people call a mode: never by its id. */
import { isLong, modeId } from "./modes.ts";
import { modes as words } from "./words/modes.ts";

type Named = { mode: string; submode: string | null };

export function familyName(mode: string): string {
  return words.families[mode] ?? words.families.custom ?? "";
}

/** Beside its family, in a list: `Keyframes`. A mode of an own graph is called as its folder is. */
export function shortModeName(named: Named): string {
  const { mode, submode } = named;
  if (isLong(mode) || submode === null) return familyName(mode);
  return words.names[modeId(named)] ?? submode.replaceAll("_", " ");
}

/** Standing alone: `LTX · Keyframes`. Pictures and loops need no family. */
export function modeName(named: Named): string {
  const { mode, submode } = named;
  const name = shortModeName(named);
  const isPlain = isLong(mode) || submode === null || mode === "anime";
  return isPlain ? name : words.both(familyName(mode), name);
}
