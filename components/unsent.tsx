/** A form that came too fast, with what was typed in it, to be sent once more. */
import { errors } from "@/core/words/errors.ts";
import { TextField } from "./text_field.tsx";

export interface UnsentProps {
  action: string;
  type: string;
  fields: { name: string; value: string; isSecret: boolean }[];
}

const words = errors.pace;

export function UnsentForm({ of: { action, type, fields } }: { of: UnsentProps }) {
  return (
    <form method="post" action={action} enctype={type} class="stack">
      <p class="small quiet">{words.again}</p>
      {fields.map(({ name, value, isSecret }, at) =>
        isSecret
          ? <TextField key={at} name={name} type="password" label={words.secret(name)} required />
          : <input key={at} type="hidden" name={name} value={value} />
      )}
      <p>
        <button class="btn go" type="submit">{words.send}</button>
      </p>
    </form>
  );
}
