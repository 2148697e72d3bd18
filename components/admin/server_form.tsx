/** The form of one render server, and what it said when it was tried. */
import type { Origin, ServerTest } from "@/core/servers.ts";
import { bytes } from "@/core/words/format.ts";
import { servers as words } from "@/core/words/servers.ts";
import { Note } from "../note.tsx";
import { TextField } from "../text_field.tsx";
import { Lacks } from "./lacks.tsx";

/** As the form holds them. */
export interface ServerValues {
  url: string;
  name: string;
  slots: string;
  tags: string;
  gpu: string;
  vramBytes: string;
  costHour: string;
}

export interface ServerFormProps {
  values: ServerValues;
  refused: { text: string; wrong: Record<string, string> };
  action: string;
  /** Of a server that is there; null for a new one. */
  known: { rev: number; header: string | null; origin: Origin } | null;
  /** It did not answer: offers to save it all the same. */
  silent: boolean;
}

const fields = words.fields;

export function ServerForm({ values, refused, action, known, silent }: ServerFormProps) {
  const { wrong } = refused;
  const from = known === null ? null : fields.urlFrom[known.origin];
  const field = (name: keyof ServerValues | "header", label: string, hint?: string) => (
    <TextField
      name={name}
      label={label}
      hint={hint}
      wrong={wrong[name]}
      value={name === "header" ? "" : values[name]}
      type={name === "header" ? "password" : "text"}
      autocomplete="off"
      first={wrong[name] !== undefined}
    />
  );
  return (
    <form method="post" action={action} class="pairs">
      {refused.text && (
        <div class="wide">
          <Note kind="bad">{refused.text}</Note>
        </div>
      )}
      {known && <input type="hidden" name="rev" value={known.rev} />}
      <div class="wide">
        {from !== null
          ? (
            <p class="small">
              <span class="mono">{values.url}</span> <span class="quiet">{from}</span>
            </p>
          )
          : field("url", fields.url, fields.urlHint)}
      </div>
      {field("name", fields.name, fields.nameHint)}
      {field("slots", fields.slots, fields.slotsHint)}
      {field(
        "header",
        fields.header,
        known !== null && known.header !== null ? fields.headerKept(known.header) : fields.headerHint,
      )}
      {field("tags", fields.tags, fields.tagsHint)}
      {field("gpu", fields.gpu, fields.gpuHint)}
      {field("vramBytes", fields.vram, fields.vramHint)}
      {field("costHour", fields.cost, fields.costHint)}
      {known !== null && known.header !== null && <Check name="headerOff" text={fields.headerOff} />}
      {silent && <Check name="untested" text={words.add.untested} />}
      <div class="wide row">
        <button class="btn" type="submit" name="do" value="save">
          {known ? words.edit.go : words.add.go}
        </button>
        <button class="btn slim" type="submit" name="do" value="try">{words.add.try}</button>
      </div>
    </form>
  );
}

function Check({ name, text }: { name: string; text: string }) {
  return (
    <label class="check wide">
      <input type="checkbox" name={name} value="on" />
      <span>{text}</span>
    </label>
  );
}

export function Trial({ test }: { test: ServerTest }) {
  const facts = words.test.facts;
  if (!test.reachable) return <Note kind="bad">{test.problem}</Note>;
  const { version, device, vramBytes, vramFree, ramFree, able, lacks } = test;
  return (
    <>
      <Note kind="good">{words.test.fine}</Note>
      <dl class="facts num">
        <dt>{facts.version}</dt>
        <dd>{version ?? words.test.unknown}</dd>
        <dt>{facts.device}</dt>
        <dd>{device ?? words.test.unknown}</dd>
        <dt>{facts.vram}</dt>
        <dd>
          {vramBytes === null
            ? words.test.unknown
            : vramFree === null
            ? bytes(vramBytes)
            : words.test.room(bytes(vramFree), bytes(vramBytes))}
        </dd>
        <dt>{facts.ram}</dt>
        <dd>{ramFree === null ? words.test.unknown : bytes(ramFree)}</dd>
        <dt>{facts.able}</dt>
        <dd>{able.length > 0 ? able.join(", ") : words.test.nothing}</dd>
      </dl>
      {lacks.length > 0 && <Lacks lacks={lacks} />}
    </>
  );
}
