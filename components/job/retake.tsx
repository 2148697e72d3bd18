/** Taking a part again: what to change, and what happens to the parts after it. Without scripts it stands on the page. */
import { IS_BROWSER } from "fresh/runtime";
import { useEffect, useRef } from "preact/hooks";
import { retake as words } from "@/core/words/retake.ts";
import { job as jobWords } from "@/core/words/job.ts";
import { Icon } from "../icon.tsx";
import { retake, x } from "../icons.ts";
import type { Doing } from "./act.tsx";
import type { Refusal } from "./refusal.ts";
import type { Part } from "./view.ts";

export interface Preset {
  name: string;
  title: string;
}

export interface RetakeProps {
  part: Part;
  /** Whether parts follow that were made from this one. */
  hasFollowers: boolean;
  presets: readonly Preset[];
  doing: Doing;
  refusal: Refusal | null;
  onClose(): void;
}

const NO_REFUSAL: Refusal = { text: "", faults: {}, entered: {} };

export function Retake({ part, hasFollowers, presets, doing, refusal, onClose }: RetakeProps) {
  const sheet = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    sheet.current?.showModal();
  }, []);
  const { asked } = part.newest;
  const { faults, entered } = refusal ?? NO_REFUSAL;
  const fieldOf = (name: "prompt" | "negativePrompt" | "seed") => entered[name] ?? asked?.[name] ?? "";
  return (
    <dialog
      ref={sheet}
      id="retake"
      class="redo"
      // Without scripts it stands open on the page; with them it lies above it.
      open={!IS_BROWSER}
      aria-labelledby="retake-title"
      onClose={onClose}
    >
      <form method="post" action={`/jobs/${doing.id}`} class="stack" onSubmit={doing.send}>
        <div class="row">
          <h2 id="retake-title">{words.title(part.number)}</h2>
          <a
            class="btn round slim push"
            href={`/jobs/${doing.id}`}
            aria-label={jobWords.do.close}
            onClick={(event) => {
              event.preventDefault();
              onClose();
            }}
          >
            <Icon of={x} />
          </a>
        </div>
        <p class="second small">{words.hint}</p>
        {refusal !== null && <p class="note bad" role="alert">{refusal.text}</p>}
        <input type="hidden" name="step" value={part.step} />
        <Field name="prompt" says={words.prompt} fault={faults["changes.prompt"]}>
          <textarea
            id="retake-prompt"
            class="input"
            name="prompt"
            rows={3}
            {...startsWith(fieldOf("prompt"))}
          />
        </Field>
        <Field name="negativePrompt" says={words.negative} fault={faults["changes.negativePrompt"]}>
          <textarea
            id="retake-negativePrompt"
            class="input"
            name="negativePrompt"
            rows={2}
            {...startsWith(fieldOf("negativePrompt"))}
          />
        </Field>
        <div class="pair">
          <Field name="seed" says={words.seed} fault={faults["changes.seed"]}>
            <input
              id="retake-seed"
              class="input num"
              name="seed"
              inputMode="numeric"
              {...startsWith(fieldOf("seed"))}
            />
            <label class="check">
              <input
                type="checkbox"
                name="newSeed"
                {...isChosen(entered.seed === undefined || "newSeed" in entered)}
              />
              {words.newSeed}
            </label>
          </Field>
          {presets.length > 1 && (
            <Field name="preset" says={words.preset} fault={faults["changes.preset"]}>
              <select id="retake-preset" class="input" name="preset">
                {presets.map(({ name, title }) => (
                  <option key={name} value={name} selected={name === (entered.preset ?? asked?.preset)}>
                    {title}
                  </option>
                ))}
              </select>
            </Field>
          )}
        </div>
        {hasFollowers && <Follow chosen={entered.follow ?? "ask"} />}
        <button type="submit" class="btn go" name="do" value="retake" aria-disabled={doing.busy === "retake"}>
          <Icon of={retake} />
          {jobWords.do.retake}
        </button>
      </form>
    </dialog>
  );
}

/** What stands in a field at first: typed text outlasts every later picture of the page. */
function startsWith(value: string) {
  return IS_BROWSER ? { defaultValue: value } : { value };
}

function isChosen(checked: boolean) {
  return IS_BROWSER ? { defaultChecked: checked } : { checked };
}

interface FieldProps {
  name: string;
  says: string;
  fault: string | undefined;
  children: preact.ComponentChildren;
}

function Field({ name, says, fault, children }: FieldProps) {
  return (
    <div class="field">
      <label for={`retake-${name}`}>{says}</label>
      {children}
      {fault !== undefined && <span class="wrong" role="alert">{fault}</span>}
    </div>
  );
}

function Follow({ chosen }: { chosen: string }) {
  return (
    <fieldset class="field">
      <legend>{words.follow}</legend>
      {(["ask", "rerun", "keep"] as const).map((name) => (
        <label key={name} class="check">
          <input type="radio" name="follow" value={name} {...isChosen(name === chosen)} />
          {words.follows[name]}
        </label>
      ))}
    </fieldset>
  );
}
