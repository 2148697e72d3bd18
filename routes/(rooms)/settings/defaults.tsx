/** Settings: what a new film starts from. */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Note } from "@/components/note.tsx";
import { SelectField } from "@/components/select_field.tsx";
import { SettingsFrame } from "@/components/settings_frame.tsx";
import { Wrong } from "@/components/text_field.tsx";
import { DEFAULTS, type Defaults } from "@/core/account.ts";
import { settings } from "@/core/words/settings.ts";
import { shell } from "@/core/words/shell.ts";
import { ask, read } from "../../(_shared)/ask.ts";
import { define } from "../../(_shared)/define.ts";
import { readFields } from "../../(_shared)/fields.ts";
import { headersOf, NOT_REFUSED, type Refused, refusedBy } from "../../(_shared)/refused.ts";

/** As the form holds them. */
type Values = Record<
  "engine" | "preset" | "size" | "frameRate" | "negativePrompt" | "notify" | "sound",
  string
>;

const HERE = "/settings/defaults";
const words = settings.defaults;
const FIELDS = ["engine", "preset", "size", "frameRate", "negativePrompt"];

export const handler = define.handlers({
  async GET(ctx) {
    const values = toForm(await read<Defaults>(ctx, "/api/account/defaults"));
    return page({ values, isDone: ctx.url.searchParams.has("done"), refused: NOT_REFUSED });
  },

  async POST(ctx) {
    const values: Values = { ...toForm(DEFAULTS), notify: "", sound: "", ...await readFields(ctx.req) };
    const answer = await ask<Defaults>(ctx, "/api/account/defaults", { body: toBody(values) });
    if (answer.ok) return ctx.redirect(`${HERE}?done`, 303);
    const refused: Refused = refusedBy(answer.problem, FIELDS);
    return page({ values, isDone: false, refused }, {
      status: answer.status,
      headers: headersOf(answer.response),
    });
  },
});

function toForm({ engine, preset, size, frameRate, negativePrompt, notify, sound }: Defaults): Values {
  return {
    engine,
    preset: preset ?? "",
    size: size === null ? "" : `${size.width}x${size.height}`,
    frameRate: String(frameRate),
    negativePrompt,
    notify: notify ? "on" : "",
    sound: sound ? "on" : "",
  };
}

/** The API judges the rest: what is not one of the choices is sent as it came. */
function toBody({ engine, preset, size, frameRate, negativePrompt, notify, sound }: Values): unknown {
  const sides = /^(\d+)x(\d+)$/.exec(size);
  return {
    engine,
    preset: preset === "" ? null : preset,
    size: size === "" ? null : { width: Number(sides?.[1]), height: Number(sides?.[2]) },
    frameRate: /^\d+$/.test(frameRate) ? Number(frameRate) : frameRate,
    negativePrompt: negativePrompt.replaceAll("\r\n", "\n"),
    notify: notify === "on",
    sound: sound === "on",
  };
}

export default define.page<typeof handler>(({ data: { values, isDone, refused } }) => (
  <SettingsFrame here={HERE}>
    <Head>
      <title>{shell.title(settings.parts.defaults)}</title>
    </Head>
    {isDone && <Note kind="good">{words.done}</Note>}
    <section>
      <h2>{words.title}</h2>
      <p class="second small">{words.text}</p>
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action={HERE} class="pairs">
        <SelectField
          name="engine"
          label={words.engine}
          options={words.engines}
          value={values.engine}
          hint={words.engineHint}
          wrong={refused.wrong.engine}
        />
        <SelectField
          name="preset"
          label={words.preset}
          options={words.presets}
          value={values.preset}
          wrong={refused.wrong.preset}
        />
        <SelectField
          name="size"
          label={words.size}
          options={words.sizes}
          value={values.size}
          wrong={refused.wrong.size}
        />
        <SelectField
          name="frameRate"
          label={words.frameRate}
          options={words.frameRates}
          value={values.frameRate}
          wrong={refused.wrong.frameRate}
        />
        <Avoid value={values.negativePrompt} wrong={refused.wrong.negativePrompt} />
        <fieldset class="wide stack">
          <legend>{words.told}</legend>
          <Check name="notify" label={words.notify} hint={words.notifyHint} isOn={values.notify === "on"} />
          <Check name="sound" label={words.sound} isOn={values.sound === "on"} />
        </fieldset>
        <div class="wide">
          <button class="btn go" type="submit">{words.go}</button>
        </div>
      </form>
    </section>
  </SettingsFrame>
));

function Avoid({ value, wrong }: { value: string; wrong?: string }) {
  return (
    <div class="field wide">
      <label for="f-negativePrompt">{words.negativePrompt}</label>
      <textarea
        class="input"
        id="f-negativePrompt"
        name="negativePrompt"
        maxLength={8000}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? "f-negativePrompt-wrong" : "f-negativePrompt-hint"}
      >
        {value}
      </textarea>
      {wrong
        ? <Wrong id="f-negativePrompt-wrong" text={wrong} />
        : <p class="hint" id="f-negativePrompt-hint">{words.negativeHint}</p>}
    </div>
  );
}

function Check({ name, label, hint, isOn }: { name: string; label: string; hint?: string; isOn: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="on" checked={isOn} />
      <span>
        {label}
        {hint && <small class="quiet">{hint}</small>}
      </span>
    </label>
  );
}
