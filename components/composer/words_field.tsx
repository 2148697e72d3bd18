/** The field for the words: it grows with them, and its history is under the arrow keys. */
import type { JSX, RefObject } from "preact";
import { composer as words } from "@/core/words/composer.ts";
import type { Work } from "./work.ts";

export function WordsField({ work, box }: { work: Work; box: RefObject<HTMLTextAreaElement> }) {
  const { userId, composition: { prompt }, notes, set } = work;
  const note = notes.find(({ path }) => path === "prompt")?.message;
  return (
    <>
      <textarea
        ref={box}
        name="prompt"
        aria-label={words.prompt}
        aria-invalid={note ? "true" : undefined}
        placeholder={work.offered?.delivers === "still" ? words.placeholderPicture : words.placeholder}
        maxLength={8000}
        value={prompt}
        onFocus={({ currentTarget }) => currentTarget.classList.add("grows")}
        onInput={({ currentTarget }) => set({ prompt: currentTarget.value }, "prompt")}
        onKeyDown={(event) => {
          const by = stepOf(event);
          if (by === null) return;
          void import("./late.ts").then(({ stepWords }) => {
            const found = stepWords(userId, { by, shown: prompt });
            if (found !== null) set({ prompt: found });
          });
        }}
      />
      {note && <p class="wrong small" role="alert">{note}</p>}
    </>
  );
}

/** One step back in the words at their beginning, one forth at their end. */
function stepOf(event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>): 1 | -1 | null {
  const { key, currentTarget: { selectionStart, selectionEnd, value } } = event;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (selectionStart !== selectionEnd) return null;
  if (key === "ArrowUp" && selectionEnd === 0) return 1;
  return key === "ArrowDown" && selectionStart === value.length ? -1 : null;
}
