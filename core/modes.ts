/** How modes are named where one word has to say which: `animate`, `audio`, and `family/submode` for every other one. */

/** The modes of many parts: their files, lengths and rates are known here; all others are said by their templates. */
export const LONG_MODES = ["animate", "audio"] as const;
export type LongMode = typeof LONG_MODES[number];

export function isLong(mode: string): mode is LongMode {
  return mode === "animate" || mode === "audio";
}

export function modeId({ mode, submode }: { mode: string; submode: string | null }): string {
  return isLong(mode) || submode === null ? mode : `${mode}/${submode}`;
}

export function namesOf(id: string): { mode: string; submode: string | null } {
  const [mode = "", submode = null] = id.split("/");
  return { mode, submode };
}

/** A mode that an address asks for, and what it says of it besides. */
export interface AskedMode {
  id: string;
  submode?: "move" | "mix";
  /** Empty for the usual one of its mode. */
  template?: string;
}
