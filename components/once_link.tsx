/** A link or a secret that is shown this once, ready to be copied. */
import { people } from "@/core/words/people.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

export interface OnceLinkProps {
  url: string;
  text: string;
  /** What it is, where it is no link. */
  label?: string;
}

export function OnceLink({ url, text, label }: OnceLinkProps) {
  return (
    <div class="note now once">
      <Icon of={label ? icons.key : icons.link} />
      <div class="field">
        <p>{text}</p>
        <input
          class="input"
          type={label ? "text" : "url"}
          value={url}
          readOnly
          aria-label={label ?? people.invite.link}
          autocomplete="off"
          spellcheck={false}
          autofocus
        />
      </div>
    </div>
  );
}
