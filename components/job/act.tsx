/** One thing that can be done with the job: a plain form, which a page with scripts sends without leaving. */
import type { JSX } from "preact";
import { Icon } from "../icon.tsx";

/** How a page with scripts does things. */
export interface Doing {
  id: string;
  /** Names what is being done now. */
  busy: string | null;
  send(event: JSX.TargetedSubmitEvent<HTMLFormElement>): void;
}

export interface ActProps {
  doing: Doing;
  /** Name of the command. */
  name: string;
  words: string;
  icon?: string;
  /** `go`: the one thing to press. */
  look?: "go" | "bad";
  values?: Record<string, string>;
}

export function Act({ doing, name, words, icon, look, values = {} }: ActProps) {
  return (
    <form method="post" action={`/jobs/${doing.id}`} onSubmit={doing.send}>
      {Object.entries(values).map(([field, value]) => (
        <input key={field} type="hidden" name={field} value={value} />
      ))}
      <button
        type="submit"
        class={look ? `btn ${look}` : "btn"}
        name="do"
        value={name}
        aria-disabled={doing.busy === name}
      >
        {icon && <Icon of={icon} />}
        {words}
      </button>
    </form>
  );
}
