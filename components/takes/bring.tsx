/** Where prompt files come in: dropped, chosen, or written on the page. It is large while there is nothing else. */
import { useRef } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import { takePage as words } from "@/core/words/take_page.ts";
import { Icon } from "../icon.tsx";
import { film, plus } from "../icons_first.ts";
import type { TakesDesk } from "./desk.ts";
import { namedFiles } from "./read.ts";

interface BringProps {
  desk: TakesDesk;
  isSmall: boolean;
  pasted: string;
}

export function Bring({ desk, isSmall, pasted }: BringProps) {
  const files = useRef<HTMLInputElement>(null);
  const inside = useRef<HTMLInputElement>(null);
  const take = (field: HTMLInputElement) => {
    if (field.files?.length) void desk.read(namedFiles(field.files));
    field.value = "";
  };
  return (
    <div class={isSmall ? "intake small" : "intake"}>
      <div class="empty js">
        <Icon of={film} />
        <h2>{words.drop.title}</h2>
        <p class="small">{words.drop.text}</p>
        <p class="row">
          <button type="button" class={isSmall ? "btn" : "btn go"} onClick={() => files.current?.click()}>
            <Icon of={plus} />
            {words.drop.files}
          </button>
          <button type="button" class="btn" onClick={() => inside.current?.click()}>
            {words.drop.folder}
          </button>
          {!isSmall && (
            <button type="button" class="btn" onClick={() => void desk.readSamples()}>
              {words.drop.samples}
            </button>
          )}
        </p>
        <input
          ref={files}
          type="file"
          hidden
          multiple
          onChange={({ currentTarget }) => take(currentTarget)}
        />
        <input
          ref={inside}
          type="file"
          hidden
          {...{ webkitdirectory: true }}
          onChange={({ currentTarget }) => take(currentTarget)}
        />
      </div>
      <div class="field plain-file">
        <label for="take-files">{words.drop.plain}</label>
        <input id="take-files" class="input" type="file" name="files" multiple />
      </div>
      <Written {...{ desk, isSmall, pasted }} />
    </div>
  );
}

function Written({ desk, isSmall, pasted }: BringProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <details class="log" open={!isSmall || pasted !== ""}>
      <summary class="small">{words.paste.label}</summary>
      <div class="field">
        <label class="unseen" for="take-written">{words.paste.label}</label>
        <textarea
          ref={field}
          id="take-written"
          name="written"
          class="input num"
          rows={isSmall ? 5 : 9}
          placeholder={words.paste.example}
          {...IS_BROWSER ? { defaultValue: pasted } : { value: pasted }}
        />
        <span class="hint">{words.paste.hint} {words.paste.directions}</span>
        <button
          type="submit"
          class="btn"
          name="do"
          value="plan"
          onClick={(event) => {
            event.preventDefault();
            const text = field.current?.value ?? "";
            if (text.trim() === "") return field.current?.focus();
            if (field.current) field.current.value = "";
            void desk.readText(text);
          }}
        >
          {words.paste.read}
        </button>
      </div>
    </details>
  );
}
