/** A prompt file with faults: each with its block and line, and the text to put right where it stands. */
import { useState } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import type { BadFile } from "@/core/take_sheet.ts";
import { takePage as words } from "@/core/words/take_page.ts";
import { Icon } from "../icon.tsx";
import { alert, redo, x } from "../icons_first.ts";
import type { TakesDesk } from "./desk.ts";

export function BadCard({ desk, bad, at }: { desk: TakesDesk; bad: BadFile; at: number }) {
  const { key, name, faults, text } = bad;
  const [typed, setTyped] = useState(text ?? "");
  const of = `bad.${at}`;
  return (
    <li class="take bad">
      <div class="row">
        <h2 class="cut">{words.bad.title(name)}</h2>
        <button
          type="submit"
          class="x push"
          name="do"
          value={`dropBad ${at}`}
          aria-label={words.remove(name)}
          title={words.remove(name)}
          onClick={(event) => {
            event.preventDefault();
            desk.drop(key);
          }}
        >
          <Icon of={x} />
        </button>
      </div>
      <ul class="plain stack whys">
        {faults.map((fault, n) => (
          <li key={n}>
            <Icon of={alert} />
            <span>
              <b class="num">{words.bad.fault(fault.block, fault.line)}</b> {fault.text}
            </span>
          </li>
        ))}
      </ul>
      <input type="hidden" name={`${of}.name`} value={name} />
      {text !== null && (
        <div class="field">
          <label for={of}>{words.bad.text}</label>
          <textarea
            id={of}
            name={`${of}.text`}
            class="input num"
            rows={Math.min(12, text.split("\n").length + 1)}
            spellcheck={false}
            {...IS_BROWSER ? { defaultValue: text } : { value: text }}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <button
            type="submit"
            class="btn"
            name="do"
            value="plan"
            onClick={(event) => {
              event.preventDefault();
              desk.drop(key);
              void desk.readText(typed, name);
            }}
          >
            <Icon of={redo} />
            {words.bad.again}
          </button>
        </div>
      )}
    </li>
  );
}
