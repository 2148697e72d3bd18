/** The settings that most films need not touch, in a drawer that is closed until it is asked for. */
import type { ComponentChildren, JSX } from "preact";
import type { Composition, Wishes } from "@/core/composer.ts";
import type { OfferedMode } from "@/core/offer.ts";
import type { ShownField } from "@/core/shown.ts";
import { composer } from "@/core/words/composer.ts";
import { asSentence } from "@/core/words/format.ts";
import { drawer as words } from "@/core/words/drawer.ts";

export interface DrawerProps {
  composition: Composition;
  offered: OfferedMode | undefined;
  notes: ShownField[];
  /** Not where only the server draws it. */
  wish?(change: Partial<Wishes>): void;
  avoid?(negativePrompt: string): void;
}

type Typed = JSX.TargetedEvent<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>;

export function Drawer({ composition, offered, notes, wish, avoid }: DrawerProps) {
  const { wishes, mode, negativePrompt } = composition;
  const isAnimate = mode === "animate";
  const noteOf = (path: string) => sentenceAt(notes, path);
  const field = (name: keyof Wishes) => ({
    id: `composer-${name}`,
    name: `settings.${name}`,
    class: "input",
    value: wishes[name],
    "aria-invalid": noteOf(`settings.${name}`) ? "true" as const : undefined,
    onInput: ({ currentTarget }: Typed) => wish?.({ [name]: currentTarget.value }),
  });
  const row = (name: keyof Wishes, label: string, hint?: string) => ({
    of: `composer-${name}`,
    label,
    hint,
    note: noteOf(`settings.${name}`),
  });
  return (
    <div class="drawer">
      <Shapes {...{ offered, wishes, wish }} />
      <Field {...row("width", words.width)}>
        <input
          {...field("width")}
          type="number"
          min={64}
          max={4096}
          step={1}
          placeholder={words.shapes.auto}
        />
      </Field>
      <Field {...row("height", words.height)}>
        <input
          {...field("height")}
          type="number"
          min={64}
          max={4096}
          step={1}
          placeholder={words.shapes.auto}
        />
      </Field>
      <Field {...row("seconds", words.length)}>
        <input
          {...field("seconds")}
          inputMode="decimal"
          autocomplete="off"
          placeholder={isAnimate ? words.wholeClip : words.wholeSound}
        />
      </Field>
      {isAnimate && (
        <Field {...row("frameRate", words.rate)}>
          <select {...field("frameRate")}>
            <option value="template">{words.rates.template(offered?.rate ?? null)}</option>
            <option value="source">{words.rates.source}</option>
            {["24", "30"].map((rate) => <option key={rate} value={rate}>{words.rates.fixed(rate)}</option>)}
          </select>
        </Field>
      )}
      <Field {...row("preset", words.preset)}>
        <select {...field("preset")} value={wishes.preset || offered?.defaultPreset}>
          {offered?.presets.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
        </select>
      </Field>
      <Field {...row("seed", words.seed, words.seedHint)}>
        <input {...field("seed")} inputMode="numeric" autocomplete="off" placeholder={words.random} />
      </Field>
      <Field {...row("retries", words.retries)}>
        <input {...field("retries")} type="number" min={0} max={10} placeholder={words.usual} />
      </Field>
      <Field {...row("priority", words.priority)}>
        <select {...field("priority")}>
          {words.priorities.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      </Field>
      <div class="whole">
        <Field
          of="composer-negative"
          label={words.negative}
          hint={avoidHint(offered)}
          note={noteOf("negativePrompt")}
        >
          <textarea
            id="composer-negative"
            name="negativePrompt"
            class="input"
            rows={2}
            value={negativePrompt}
            onInput={({ currentTarget }: Typed) => avoid?.(currentTarget.value)}
          />
        </Field>
      </div>
    </div>
  );
}

function avoidHint(offered: OfferedMode | undefined): string | undefined {
  const input = offered?.optional.find(({ place }) => place === "negativePrompt");
  return input ? input.effect ?? composer.unused : undefined;
}

function sentenceAt(notes: ShownField[], wanted: string): string | undefined {
  const note = notes.find(({ path }) => path === wanted);
  return note && asSentence(note.message);
}

interface FieldProps {
  of: string;
  label: string;
  hint?: string;
  note?: string;
  children: ComponentChildren;
}

function Field({ of, label, hint, note, children }: FieldProps) {
  return (
    <div class="field">
      <label for={of}>{label}</label>
      {children}
      {hint && <p class="hint">{hint}</p>}
      {note && <p class="wrong" role="alert">{note}</p>}
    </div>
  );
}

const SHAPES = [["wide", 16 / 9], ["square", 1], ["tall", 9 / 16]] as const;

/** The usual shapes at the model's own number of pixels. */
function Shapes({ offered, wishes, wish }: Pick<DrawerProps, "offered" | "wish"> & { wishes: Wishes }) {
  if (!offered) return null;
  const { width, height, multiple } = offered.size;
  const side = (pixels: number) => String(Math.round(pixels / multiple) * multiple);
  const shapes = [
    ["auto", "", ""],
    ...SHAPES.map(([name, aspect]) => [
      name,
      side(Math.sqrt(width * height * aspect)),
      side(Math.sqrt(width * height / aspect)),
    ]),
  ] as ["auto" | "wide" | "square" | "tall", string, string][];
  return (
    <div class="whole seg js" role="group" aria-label={words.size}>
      {shapes.map(([name, wide, high]) => (
        <button
          key={name}
          type="button"
          aria-pressed={wishes.width === wide && wishes.height === high ? "true" : "false"}
          onClick={() => wish?.({ width: wide, height: high })}
        >
          {words.shapes[name]}
        </button>
      ))}
    </div>
  );
}
