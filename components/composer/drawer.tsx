/** The settings that most films need not touch, in a drawer that is closed until it is asked for. */
import type { ComponentChildren, JSX } from "preact";
import type { Composition, Wishes } from "@/core/composer.ts";
import { isLong } from "@/core/modes.ts";
import type { OfferedMode, OfferedSetting } from "@/core/offer.ts";
import { PLACES } from "@/core/places.ts";
import type { ShownField } from "@/core/shown.ts";
import { composer } from "@/core/words/composer.ts";
import { asSentence } from "@/core/words/format.ts";
import { finishing } from "@/core/words/finishing.ts";
import { drawer as words } from "@/core/words/drawer.ts";
import { Icon } from "@/components/icon.tsx";
import { minus, plus } from "@/components/icons.ts";

export interface DrawerProps {
  composition: Composition;
  offered: OfferedMode | undefined;
  notes: ShownField[];
  /** Not where only the server draws it. */
  wish?(change: Partial<Wishes>): void;
  opt?(name: string, value: string): void;
  avoid?(negativePrompt: string): void;
}

/** As the API takes them. */
const TAKES_AT_ONCE = 16;

type Typed = JSX.TargetedEvent<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>;

export function Drawer({ composition, offered, notes, wish, opt, avoid }: DrawerProps) {
  const { wishes, mode, negativePrompt } = composition;
  const length = lengthOf(mode, offered);
  const rates = ratesOf(wishes.frameRate, offered);
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
  const more = (setting: OfferedSetting) => (
    <Own
      key={setting.name}
      {...{ setting, opt }}
      options={composition.options}
      note={noteOf(setting.name === "template" ? setting.name : `settings.${setting.name}`)}
    />
  );
  return (
    <div class="drawer">
      <Shapes {...{ offered, wishes, wish }} />
      <Takes count={wishes.count} note={noteOf("count")} {...{ wish }} />
      <Field {...row("width", words.width)}>
        <input
          {...field("width")}
          type="number"
          min={64}
          max={4096}
          step={1}
          placeholder={shapeOf(offered, "width")}
        />
      </Field>
      <Field {...row("height", words.height)}>
        <input
          {...field("height")}
          type="number"
          min={64}
          max={4096}
          step={1}
          placeholder={shapeOf(offered, "height")}
        />
      </Field>
      {length && (
        <Field {...row("seconds", words.length, length.hint)}>
          <input
            {...field("seconds")}
            inputMode="decimal"
            autocomplete="off"
            placeholder={length.usual}
          />
        </Field>
      )}
      {offered?.length && (
        <Field {...row("frames", words.frames)}>
          <input {...field("frames")} inputMode="numeric" autocomplete="off" placeholder={words.bySeconds} />
        </Field>
      )}
      {rates && (
        <Field {...row("frameRate", words.rate)}>
          <select {...field("frameRate")}>
            <option value="template">{words.rates.template(offered?.rate ?? null)}</option>
            {offered?.places.some(({ place }) => PLACES[place] === "video") && (
              <option value="source">{words.rates.source}</option>
            )}
            {rates.map((rate) => <option key={rate} value={rate}>{words.rates.fixed(rate)}</option>)}
          </select>
        </Field>
      )}
      <Field {...row("preset", words.preset)}>
        <select {...field("preset")} value={wishes.preset || offered?.defaultPreset}>
          {offered?.presets.map(({ name, title }) => <option key={name} value={name}>{title}</option>)}
        </select>
      </Field>
      {offered?.settings.map((setting) =>
        opt && isIdle(setting, { offered, composition }) ? null : (
          <Own
            key={setting.name}
            {...{ setting, opt }}
            options={composition.options}
            note={noteOf(`settings.options.${setting.name}`)}
          />
        )
      )}
      {(offered?.finishing ?? []).filter(isBefore).map(more)}
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
      {offered && offered.finishing.length > 0 && <p class="whole hint">{finishing.title}</p>}
      {(offered?.finishing ?? []).filter((setting) => !isBefore(setting)).map(more)}
    </div>
  );
}

/** What is asked while the film is made; the rest is work on the finished one. */
const isBefore = ({ name }: OfferedSetting) => !name.startsWith("finish.");

/** What is asked of the length; null where files or the model alone decide. */
function lengthOf(mode: string, offered: OfferedMode | undefined): { usual: string; hint?: string } | null {
  if (isLong(mode)) return { usual: mode === "animate" ? words.wholeClip : words.wholeSound };
  if (!offered?.length) return null;
  const { seconds, max, follows } = offered.length;
  const usual = follows === null
    ? String(seconds)
    : PLACES[follows] === "video"
    ? words.wholeClip
    : words.wholeSound;
  return { usual, hint: max === null ? undefined : words.atMost(max) };
}

const RATES = [8, 12, 16, 24, 25, 30];

/** Frame rates to choose from, with the one that came from elsewhere; null where there is no choice. */
function ratesOf(chosen: string, offered: OfferedMode | undefined): string[] | null {
  if (offered?.mode === "animate") return ["24", "30"];
  if (!offered?.rates) return null;
  const { min, max } = offered.rates;
  const rates = RATES.filter((rate) => rate >= min && rate <= max).map(String);
  return chosen === "template" || chosen === "source" ? rates : [...new Set([...rates, chosen])];
}

interface OwnProps {
  setting: OfferedSetting;
  options: Record<string, string>;
  note?: string;
  opt?(name: string, value: string): void;
}

/** A setting of the mode's own. With a script, how strong something is stands there only while that is on. */
function Own({ setting, options, note, opt }: OwnProps) {
  const { name, title, kind, effect, min, max } = setting;
  const of = `composer-own-${name}`;
  const usual = setting.default === null ? "" : String(setting.default);
  const value = options[name] ?? "";
  const field = {
    id: of,
    name: `settings.options.${name}`,
    class: "input",
    "aria-invalid": note ? "true" as const : undefined,
    onInput: ({ currentTarget }: Typed) => opt?.(name, currentTarget.value),
  };
  const bounds = min !== null && max !== null ? words.fromTo(min, max) : "";
  const hint = [effect ?? "", kind === "bool" ? "" : bounds].filter((part) => part !== "").join(" ");
  return (
    <Field of={of} label={title} hint={hint} note={note}>
      {kind === "choice" || kind === "bool"
        ? (
          <select {...field} value={value || usual}>
            {(kind === "bool" ? words.onOff : setting.options).map((one) => (
              <option key={one.value} value={one.value}>{one.title}</option>
            ))}
          </select>
        )
        : (
          <input
            {...field}
            value={value}
            inputMode={kind === "text" ? "text" : "decimal"}
            autocomplete="off"
            placeholder={usual}
          />
        )}
    </Field>
  );
}

/** How strong something is says nothing while that is off, or not there. */
function isIdle(
  { scales }: OfferedSetting,
  { offered, composition: { options, chips } }: Pick<DrawerProps, "offered" | "composition">,
): boolean {
  if (scales === null) return false;
  const of = offered?.settings.find(({ name }) => name === scales);
  if (!of) return !chips.some(({ role }) => role === scales);
  const value = options[of.name] || String(of.default);
  return value === "none" || value === "false";
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

/** How many films of the same words. */
function Takes({ count, note, wish }: { count: string; note?: string } & Pick<DrawerProps, "wish">) {
  const to = (takes: number) => wish?.({ count: String(Math.min(TAKES_AT_ONCE, Math.max(1, takes))) });
  const now = Number(count) || 1;
  return (
    <Field of="composer-count" label={words.count} hint={words.countHint} note={note}>
      <span class="row">
        <input
          id="composer-count"
          name="settings.count"
          class="input"
          type="number"
          min={1}
          max={TAKES_AT_ONCE}
          placeholder="1"
          value={count}
          aria-invalid={note ? "true" : undefined}
          onInput={({ currentTarget }: Typed) => wish?.({ count: currentTarget.value })}
        />
        {[[words.fewer, minus, -1] as const, [words.more, plus, 1] as const].map(([label, icon, by]) => (
          <button
            key={by}
            type="button"
            class="btn round js"
            aria-label={label}
            title={label}
            onClick={() => to(now + by)}
          >
            <Icon of={icon} />
          </button>
        ))}
      </span>
    </Field>
  );
}

const SHAPES = [["wide", 16 / 9], ["square", 1], ["tall", 9 / 16]] as const;

/** What shape the film has without a wish: in words, or the model's own side. */
function shapeOf(offered: OfferedMode | undefined, side?: "width" | "height"): string {
  const follows = offered?.size.follows;
  if (follows) return PLACES[follows] === "video" ? words.shapes.clip : words.shapes.auto;
  return side && offered ? String(offered.size[side]) : words.usualShape;
}

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
          {name === "auto" ? shapeOf(offered) : words.shapes[name]}
        </button>
      ))}
    </div>
  );
}
