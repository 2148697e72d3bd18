/** The form that changes a live job, for its owner and for operators: what it starts from, and what differs. */
import type { Context } from "fresh";
import { EDIT_FIELDS, type EditValues, FIGURES } from "@/components/queue/edit_form.tsx";
import type { ShownJob, ShownModes } from "@/core/shown.ts";
import { read } from "./ask.ts";
import type { State } from "./state.ts";

export interface EditStart {
  job: ShownJob;
  /** Titles by name. */
  presets: Record<string, string>;
  /** The values as they are. */
  first: EditValues;
}

export async function startOf(ctx: Context<State>, job: ShownJob): Promise<EditStart> {
  const { items } = await read<ShownModes>(ctx, "/api/modes", { keep: true });
  const mode = items.find((one) => one.mode === job.mode && one.submode === job.submode);
  const presets = Object.fromEntries((mode?.presets ?? []).map(({ name, title }) => [name, title]));
  return { job, presets, first: valuesOf(job, mode?.defaultPreset ?? "") };
}

/** Settings that the job leaves to its template are not asked for. */
function valuesOf({ title, prompt, negativePrompt, settings }: ShownJob, usual: string): EditValues {
  const { width, height, seconds, frames, seed, preset = usual } = settings;
  const figures = { width, height, seconds, frames };
  const given = Object.entries(figures).flatMap(([name, value]) =>
    value === undefined ? [] : [[`settings.${name}`, String(value)]]
  );
  return {
    title,
    prompt,
    negativePrompt,
    "settings.preset": preset,
    "settings.seed": seed,
    ...Object.fromEntries(given),
  };
}

/** Only what differs, as the API takes it. What is no number goes as it was typed, to be refused by its field. */
export function changesOf(before: EditValues, after: EditValues): Record<string, unknown> {
  const changed = EDIT_FIELDS.filter((name) => lines(after[name]) !== lines(before[name]));
  const words = changed.filter((name) => !name.startsWith("settings.")).map((
    name,
  ) => [name, lines(after[name])]);
  const settings = changed.filter((name) => name.startsWith("settings.")).map((name) => {
    const text = (after[name] ?? "").trim();
    const isFigure = FIGURES.some((figure) => figure === name) && text !== "" &&
      Number.isFinite(Number(text));
    return [name.slice("settings.".length), isFigure ? Number(text) : text];
  });
  return {
    ...Object.fromEntries(words),
    ...(settings.length > 0 ? { settings: Object.fromEntries(settings) } : {}),
  };
}

/** Browsers send line ends as two characters. */
function lines(text: string | undefined): string {
  return (text ?? "").replaceAll("\r\n", "\n");
}
