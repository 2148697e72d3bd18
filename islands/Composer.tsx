/** The box in which a film is asked for: words, files, settings, what will happen, and the one button. */
import type { ComponentChildren, FunctionComponent, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { IS_BROWSER } from "fresh/runtime";
import {
  type Composition,
  edit,
  lacksOf,
  type Mode,
  redo,
  requestOf,
  submitted,
  undo,
} from "@/core/composer.ts";
import type { ShownModes, ShownPreset } from "@/core/shown.ts";
import { composer as words } from "@/core/words/composer.ts";
import { Chips } from "@/components/composer/chips.tsx";
import { type Start, useDesk } from "@/components/composer/desk.ts";
import { Foot, offerFor } from "@/components/composer/foot.tsx";
import { useChooser, useDrops, useKeys } from "@/components/composer/hands.ts";
import { useGrowth } from "@/components/composer/growth.ts";
import { Head } from "@/components/composer/head.tsx";
import { useForesight } from "@/components/composer/preview.ts";
import { useRecall } from "@/components/composer/recall.ts";
import { missingOf, Quality, Refusal, Says } from "@/components/composer/says.tsx";
import { type Refused, useSending } from "@/components/composer/sending.ts";
import type { SettingsProps } from "@/components/composer/settings.tsx";
import { useSheets } from "@/components/composer/sheets.tsx";

export interface ComposerProps {
  userId: string;
  offer: ShownModes;
  presets: ShownPreset[];
  start: Start | null;
  refused: Refused | null;
  /** The drawer as the server draws it: for browsers without scripts, and until it is opened. */
  drawer: ComponentChildren;
  /** File fields for browsers without scripts. */
  children?: ComponentChildren;
}

export default function Composer(
  { userId, offer, presets, start, refused, drawer, children }: ComposerProps,
) {
  const desk = useDesk({ userId, start });
  const { composer, change, say } = desk;
  const { composition } = composer.now;
  const offered = offerFor(offer, composition);
  const request = requestOf(composer);
  const [turn, setTurn] = useState(0);
  const foresight = useForesight(request, turn);
  const missing = missingOf(lacksOf(composer, offered), foresight);
  const sending = useSending(request, refused);
  const recall = useRecall(userId);
  const isOver = useDrops(desk.add);
  const chooser = useChooser(desk.add);
  const sheets = useSheets();
  const [Settings, setSettings] = useState<FunctionComponent<SettingsProps> | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);

  const set = (next: Partial<Composition>, name = "") => change((now, at) => edit(now, next, { name, at }));
  const setMode = (next: Mode) => {
    set({ mode: next });
    say(words.told.mode(words.mode[next]));
  };
  const goBack = () => change(undo);
  const goForth = () => change(redo);
  const send = async () => {
    if (missing !== null) {
      say(missing);
      return box.current?.focus();
    }
    if (sending.isSending) return;
    const job = await sending.send();
    if (!job) return;
    recall.keep(composition.prompt);
    change(submitted);
    setTurn(turn + 1);
    say(words.told.made);
    dispatchEvent(new CustomEvent("made", { detail: job }));
  };
  useKeys({ send, undo: goBack, redo: goForth, show: () => sheets.open("keys") });
  useGrowth(box, composition.prompt);

  const all = [...sending.notes, ...foresight.preview?.missing.filter(({ path }) => path !== "prompt") ?? []];
  const promptNote = all.find(({ path }) => path === "prompt")?.message;
  return (
    <form
      class={isOver ? "composer over" : "composer"}
      method="post"
      action="/jobs/new"
      encType="multipart/form-data"
      aria-label={words.label}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Head
        composer={composer}
        prompts={recall.prompts}
        use={(prompt) => set({ prompt })}
        undo={goBack}
        redo={goForth}
        showKeys={() => sheets.open("keys")}
      />
      <textarea
        ref={box}
        name="prompt"
        aria-label={words.prompt}
        aria-invalid={promptNote ? true : undefined}
        placeholder={words.placeholder}
        maxLength={8000}
        value={composition.prompt}
        onInput={({ currentTarget }) => set({ prompt: currentTarget.value }, "prompt")}
        onKeyDown={(event) => {
          const older = recallOf(event);
          const prompt = older && recall.step(older, composition.prompt);
          if (prompt === null) return;
          event.preventDefault();
          set({ prompt });
        }}
      />
      {promptNote && <p class="wrong small" role="alert">{promptNote}</p>}
      <Refusal refusal={sending.refusal} />
      <Chips
        desk={desk}
        offered={offered}
        notes={all}
        choose={chooser.choose}
        trim={(key) => sheets.open("trim", key)}
      />
      {children}
      <Foot
        composition={composition}
        offered={offered}
        isSending={sending.isSending}
        isHeld={missing !== null}
        choose={chooser.choose}
        setMode={setMode}
        setSubmode={(next) => set({ submode: next })}
        send={send}
        openSettings={() =>
          void import("@/components/composer/settings.tsx").then((its) => setSettings(() => its.default))}
      >
        {Settings
          ? <Settings desk={desk} offered={offered} notes={all} presets={presets} />
          : <div inert={IS_BROWSER}>{drawer}</div>}
      </Foot>
      <Says missing={missing} foresight={foresight} keys={sheets.send}>
        <Quality
          hasFinal={offer.engine === "comfy"}
          engine={composition.wishes.engine}
          choose={(engine) => set({ wishes: { ...composition.wishes, engine } })}
        />
      </Says>
      <p class="unseen" role="status">{desk.told}</p>
      <input {...chooser.field} />
      {isOver && <p class="landing">{words.drop}</p>}
      {sheets.shown(desk)}
    </form>
  );
}

/** One step back in the words at their beginning, one forth at their end. */
function recallOf(event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>): 1 | -1 | null {
  const { key, currentTarget: { selectionStart, selectionEnd, value } } = event;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  if (selectionStart !== selectionEnd) return null;
  if (key === "ArrowUp" && selectionEnd === 0) return 1;
  return key === "ArrowDown" && selectionStart === value.length ? -1 : null;
}
