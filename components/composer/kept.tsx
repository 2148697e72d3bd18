/** Settings kept under a name: use them, keep these, remove them. */
import { useState } from "preact/hooks";
import { type Composer, settingsOf } from "@/core/composer.ts";
import { namesOf } from "@/core/modes.ts";
import type { ShownPreset } from "@/core/shown.ts";
import { composer } from "@/core/words/composer.ts";
import { drawer } from "@/core/words/drawer.ts";
import { Icon } from "@/components/icon.tsx";
import { x } from "@/components/icons.ts";
import { call, sentencesOf } from "./call.ts";

const words = drawer.kept;
const { offline } = composer;

interface KeptProps {
  presets: ShownPreset[];
  composed: Composer;
  use(preset: ShownPreset): void;
  /** Back to what a new film begins with. */
  reset(): void;
  say(sentence: string): void;
}

export function Kept({ presets: first, composed: { now, forms }, use, reset, say }: KeptProps) {
  const [presets, setPresets] = useState(first);
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const keep = async () => {
    const same = presets.find((preset) => preset.name === name.trim());
    const { composition } = now;
    const { mode, submode } = namesOf(composition.mode);
    const body = {
      name,
      mode,
      submode: mode === "animate" ? composition.submode : submode,
      negativePrompt: composition.negativePrompt,
      settings: settingsOf(composition, forms),
    };
    const reply = same
      ? await call<ShownPreset>("PUT", `/presets/${same.id}`, { body })
      : await call<ShownPreset>("POST", "/presets", { body });
    if (!reply.ok) return setNote(reply.problem ? sentencesOf(reply.problem) : offline);
    const others = presets.filter(({ id }) => id !== reply.body.id);
    setPresets([...others, reply.body].sort((a, b) => a.name < b.name ? -1 : 1));
    setName("");
    setNote("");
    say(words.done(reply.body.name));
  };
  const remove = async (id: string) => {
    await call("DELETE", `/presets/${id}`);
    setPresets(presets.filter((preset) => preset.id !== id));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void keep();
  };
  return (
    <div class="kept js" data-own>
      <h2>{words.title}</h2>
      <ul class="plain row">
        <li>
          <button type="button" class="btn slim" onClick={reset}>{words.usual}</button>
        </li>
        {presets.map((preset) => (
          <li key={preset.id} class="duo">
            <button type="button" class="btn slim" onClick={() => use(preset)}>{preset.name}</button>
            <button
              type="button"
              class="x"
              aria-label={words.remove(preset.name)}
              onClick={() => remove(preset.id)}
            >
              <Icon of={x} />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <input
          class="input"
          aria-label={words.name}
          placeholder={words.name}
          maxLength={80}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
          onKeyDown={onKey}
        />
        <button
          type="button"
          class="btn"
          aria-disabled={name.trim() === "" ? "true" : "false"}
          onClick={keep}
        >
          {words.keep}
        </button>
      </div>
      {note !== "" && <p class="wrong small" role="alert">{note}</p>}
    </div>
  );
}
