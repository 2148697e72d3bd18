/** One field of a form: its label above, and below it what is wrong or what helps. */
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

export interface TextFieldProps {
  name: string;
  label: string;
  type?: "text" | "email" | "password" | "number" | "date";
  value?: string;
  autocomplete?: string;
  hint?: string;
  /** What is wrong with the value, as a sentence. */
  wrong?: string;
  /** Takes the cursor when the page opens. */
  first?: boolean;
  required?: boolean;
  maxLength?: number;
}

export function TextField(
  { name, label, type = "text", value, autocomplete, hint, wrong, first, required, maxLength }:
    TextFieldProps,
) {
  const id = `f-${name}`;
  const about = wrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        class="input"
        id={id}
        name={name}
        type={type}
        value={type === "password" ? undefined : value}
        autocomplete={autocomplete}
        autocapitalize={type === "text" ? undefined : "none"}
        spellcheck={type === "text" ? undefined : false}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={about}
        autofocus={first}
        step={type === "number" ? "any" : undefined}
        required={required}
        maxLength={maxLength}
      />
      {wrong
        ? <Wrong id={`${id}-wrong`} text={wrong} />
        : hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** What is wrong with a field, for fields of every kind. */
export function Wrong({ id, text }: { id: string; text: string }) {
  return (
    <p class="wrong" id={id}>
      <Icon of={icons.alert} />
      <span>{text}</span>
    </p>
  );
}
