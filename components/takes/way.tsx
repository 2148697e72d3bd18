/** How all takes of the page are cut and joined. */
import type { JSX } from "preact";
import type { OfferedMode } from "@/core/offer.ts";
import type { TakeWay } from "@/core/take_sheet.ts";
import { takePage } from "@/core/words/take_page.ts";

const words = takePage.way;

interface WayProps {
  way: TakeWay;
  offered: OfferedMode | null;
  set(change: Partial<TakeWay>): void;
}

export function WayFields({ way, offered, set }: WayProps) {
  const typed = (name: "chunk" | "overlap" | "width" | "height") => ({
    id: `way-${name}`,
    name: `way.${name}`,
    class: "input num",
    inputMode: "numeric" as const,
    autocomplete: "off",
    value: way[name],
    onInput: ({ currentTarget }: JSX.TargetedInputEvent<HTMLInputElement>) =>
      set({ [name]: currentTarget.value }),
  });
  return (
    <fieldset class="drawer">
      <legend class="whole">{words.title}</legend>
      <div class="field">
        <label for="way-chunk">{words.chunk}</label>
        <input {...typed("chunk")} />
        <span class="hint">{words.chunkHint}</span>
      </div>
      <div class="field">
        <label for="way-overlap">{words.overlap}</label>
        <input {...typed("overlap")} />
        <span class="hint">{words.overlapHint}</span>
      </div>
      <div class="field">
        <label for="way-seams">{words.seams}</label>
        <select
          id="way-seams"
          name="way.seams"
          class="input"
          value={way.seams}
          onChange={({ currentTarget }) => set({ seams: currentTarget.value === "blend" ? "blend" : "keep" })}
        >
          <option value="keep" selected={way.seams === "keep"}>{words.seam.keep}</option>
          <option value="blend" selected={way.seams === "blend"}>{words.seam.blend}</option>
        </select>
      </div>
      <div class="field">
        <label for="way-preset">{words.preset}</label>
        <select
          id="way-preset"
          name="way.preset"
          class="input"
          value={way.preset || offered?.defaultPreset}
          onChange={({ currentTarget }) => set({ preset: currentTarget.value })}
        >
          {offered?.presets.map(({ name, title }) => (
            <option key={name} value={name} selected={name === (way.preset || offered.defaultPreset)}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="way-width">{words.width}</label>
        <input {...typed("width")} placeholder={offered ? String(offered.size.width) : ""} />
      </div>
      <div class="field">
        <label for="way-height">{words.height}</label>
        <input {...typed("height")} placeholder={offered ? String(offered.size.height) : ""} />
      </div>
      <Tick
        name="correct"
        says={words.correct}
        hint={words.correctHint}
        isOn={way.correct}
        set={(correct) => set({ correct })}
      />
      <Tick
        name="firstPass"
        says={words.firstPass}
        hint={words.firstPassHint}
        isOn={way.firstPass}
        set={(firstPass) => set({ firstPass })}
      />
      <Tick
        name="keep"
        says={words.keep}
        hint={words.keepHint}
        isOn={way.keep}
        set={(keep) => set({ keep })}
      />
    </fieldset>
  );
}

interface TickProps {
  name: string;
  says: string;
  hint: string;
  isOn: boolean;
  set(isOn: boolean): void;
}

function Tick({ name, says, hint, isOn, set }: TickProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={`way.${name}`}
        checked={isOn}
        onChange={({ currentTarget }) => set(currentTarget.checked)}
      />
      <span>
        {says}
        <small class="tiny quiet">{hint}</small>
      </span>
    </label>
  );
}
