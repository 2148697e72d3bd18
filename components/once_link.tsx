/** A link that is shown this once, ready to be copied. */
import { people } from "@/core/words/people.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";

export function OnceLink({ url, text }: { url: string; text: string }) {
  return (
    <div class="note now once">
      <Icon of={icons.link} />
      <div class="field">
        <p>{text}</p>
        <input class="input" type="url" value={url} readOnly aria-label={people.invite.link} autofocus />
      </div>
    </div>
  );
}
