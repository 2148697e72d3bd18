/** The box in which a film is asked for: words, files, settings, what will happen, and the one button. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import type { ShownPreset } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { Chips } from "@/components/composer/chips.tsx";
import { Foot } from "@/components/composer/foot.tsx";
import { useChooser, useDrops, useKeys } from "@/components/composer/hands.ts";
import { Head } from "@/components/composer/head.tsx";
import { Quality, Refusal, Says } from "@/components/composer/says.tsx";
import { useSheets } from "@/components/composer/sheets.tsx";
import { WordsField } from "@/components/composer/words_field.tsx";
import { useWork, type WorkOptions } from "@/components/composer/work.ts";

export interface ComposerProps extends WorkOptions {
  presets: ShownPreset[];
  /** The drawer as the server draws it: for browsers without scripts, and until it is opened. */
  drawer: ComponentChildren;
  /** Further modes, as the server draws them. */
  more: ComponentChildren;
  /** File fields for browsers without scripts. */
  children?: ComponentChildren;
}

export default function Composer({ presets, drawer, more, children, ...options }: ComposerProps) {
  const work = useWork(options);
  const { desk, composition, offered, notes, missing, sending, set } = work;
  const isOver = useDrops(desk.add);
  const { choose, field } = useChooser(desk.add);
  const sheets = useSheets();
  const box = useRef<HTMLTextAreaElement>(null);
  const showKeys = () => sheets.open("KeySheet");
  const send = async () => {
    if (!await work.send()) box.current?.focus();
  };
  useKeys({ send, undo: work.undo, redo: work.redo, show: showKeys });
  return (
    <form
      class={isOver ? "composer dropping" : "composer"}
      method="post"
      action="/jobs/new"
      encType="multipart/form-data"
      aria-label={words.label}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Head work={work} showKeys={showKeys} />
      <WordsField work={work} box={box} />
      <Refusal refusal={sending.refusal} />
      <Chips
        {...{ desk, offered, notes, choose }}
        trim={(key) => sheets.open("TrimSheet", key)}
      />
      {children}
      <Foot
        {...{ work, choose, send, more }}
        settings={({ Settings }) => <Settings {...{ desk, offered, notes, presets }} usual={options.usual} />}
      >
        <div inert={IS_BROWSER}>{drawer}</div>
      </Foot>
      <Says
        missing={work.told ?? missing}
        foresight={work.foresight}
        keys={sheets.send}
        instead={work.instead}
      >
        <Quality
          hasFinal={options.offer.engine === "comfy"}
          engine={composition.wishes.engine}
          choose={(engine) => set({ wishes: { ...composition.wishes, engine } })}
        />
      </Says>
      <p class="unseen" role="status">{desk.told}</p>
      <input {...field} />
      {isOver && <p class="landing">{words.drop}</p>}
      {sheets.shown(desk)}
    </form>
  );
}
