/** One choice of a form: its label above, and below it what is wrong or what helps. */
import { Wrong } from "./text_field.tsx";

export interface SelectFieldProps {
  name: string;
  label: string;
  /** Words by value, in the order in which they are offered. */
  options: Record<string, string>;
  value: string;
  hint?: string;
  wrong?: string;
}

export function SelectField({ name, label, options, value, hint, wrong }: SelectFieldProps) {
  const id = `f-${name}`;
  // A value that was saved by other means stays what it is.
  const offered = value in options ? options : { ...options, [value]: value };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        class="input"
        id={id}
        name={name}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined}
      >
        {Object.entries(offered).map(([key, words]) => (
          <option value={key} selected={key === value}>{words}</option>
        ))}
      </select>
      {wrong
        ? <Wrong id={`${id}-wrong`} text={wrong} />
        : hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}
