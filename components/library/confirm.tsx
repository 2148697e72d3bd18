/** A question before something is gone for good: the same form again, with one button that means it. */
import { Icon } from "../icon.tsx";
import { trash } from "../icons.ts";

export interface ConfirmProps {
  title: string;
  text: string;
  yes: string;
  no: string;
  /** Where "no" leads. */
  back: string;
  /** What is sent along. */
  fields: [name: string, value: string][];
}

export function Confirm({ title, text, yes, no, back, fields }: ConfirmProps) {
  return (
    <form method="post" class="panel stack sure">
      {fields.map(([name, value]) => <input key={value} type="hidden" name={name} value={value} />)}
      <input type="hidden" name="sure" value="yes" />
      <h1>{title}</h1>
      <p class="second">{text}</p>
      <p class="row">
        <button type="submit" class="btn bad">
          <Icon of={trash} />
          {yes}
        </button>
        <a class="btn" href={back}>{no}</a>
      </p>
    </form>
  );
}
