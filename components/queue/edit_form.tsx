/** What of a job can still be changed: its words, and the settings of what has not started. */
import type { ShownJob } from "@/core/shown.ts";
import { queue } from "@/core/words/queue.ts";
import { Note } from "../note.tsx";
import { SelectField } from "../select_field.tsx";
import { TextField, Wrong } from "../text_field.tsx";

const words = queue.edit;

/** Fields by name, as the API names them. */
export type EditValues = Record<string, string>;

/** Settings that are whole numbers or seconds, in the order of the form. */
export const FIGURES = ["settings.width", "settings.height", "settings.seconds", "settings.frames"] as const;
export const EDIT_FIELDS = [
  "title",
  "prompt",
  "negativePrompt",
  "settings.preset",
  "settings.seed",
  ...FIGURES,
];

export interface EditFormProps {
  job: ShownJob;
  values: EditValues;
  /** Titles of the presets by name. */
  presets: Record<string, string>;
  /** Sentences by field, and one for all. */
  wrong: Record<string, string>;
  text: string;
  /** Where it is sent to, and where one goes who leaves it. */
  action: string;
  back: string;
}

export function EditForm({ job: { parts }, values, presets, wrong, text, action, back }: EditFormProps) {
  const begun = parts.states.filter((state) => state !== "todo").length;
  const figures = FIGURES.filter((name) => values[name] !== undefined);
  return (
    <form method="post" action={action} class="edit stack">
      {text && <Note kind="bad">{text}</Note>}
      {begun > 0 && <Note>{words.begun(begun, parts.total)}</Note>}
      <TextField
        name="title"
        label={words.fields.title ?? ""}
        value={values.title}
        wrong={wrong.title}
        autocomplete="off"
      />
      <Text name="prompt" value={values.prompt} wrong={wrong.prompt} />
      <Text name="negativePrompt" value={values.negativePrompt} wrong={wrong.negativePrompt} />
      <div class="figures">
        {Object.keys(presets).length > 0 && (
          <SelectField
            name="settings.preset"
            label={words.fields["settings.preset"] ?? ""}
            options={presets}
            value={values["settings.preset"] ?? ""}
            wrong={wrong["settings.preset"]}
          />
        )}
        {[...figures, "settings.seed"].map((name) => (
          <TextField
            key={name}
            name={name}
            type={name === "settings.seed" ? "text" : "number"}
            label={words.fields[name] ?? name}
            value={values[name]}
            wrong={wrong[name]}
            autocomplete="off"
          />
        ))}
      </div>
      <div class="row">
        <button type="submit" class="btn go">{words.save}</button>
        <a class="btn" href={back}>{words.leave}</a>
      </div>
    </form>
  );
}

function Text(
  { name, value, wrong }: { name: string; value: string | undefined; wrong: string | undefined },
) {
  const id = `f-${name}`;
  return (
    <div class="field">
      <label for={id}>{words.fields[name]}</label>
      <textarea
        class="input"
        id={id}
        name={name}
        rows={name === "prompt" ? 4 : 2}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
      >
        {value}
      </textarea>
      {wrong && <Wrong id={`${id}-wrong`} text={wrong} />}
    </div>
  );
}
