/** The form for a graph of one's own: its file, and what it shall be called. */
import { templates } from "@/core/words/templates.ts";

export interface BringValues {
  name: string;
  title: string;
  mode: string;
  /** The graph, as it was sent. */
  text: string;
  /** Lines of `name=node.input`. */
  more: string;
  fresh: boolean;
  /** By role: where a person wants it written. */
  chosen: Record<string, string>;
}

export interface BringFormProps {
  values: BringValues;
  refused: { wrong: Record<string, string> };
  action: string;
}

const words = templates.bring;

export function BringForm({ values, refused: { wrong }, action }: BringFormProps) {
  return (
    <form class="panel bring" method="post" action={action} encType="multipart/form-data">
      <h2>{words.title}</h2>
      <p class="small quiet">{words.text}</p>
      <div class="field">
        <label for="graph">{words.file}</label>
        <input
          class="input"
          id="graph"
          type="file"
          name="graph"
          accept=".json,application/json"
          required
          aria-invalid={wrong.file !== undefined}
          aria-describedby={wrong.file === undefined ? undefined : "graph-wrong"}
        />
        {wrong.file && <p class="wrong" id="graph-wrong">{wrong.file}</p>}
      </div>
      <div class="field">
        <label for="name">{words.name}</label>
        <input
          class="input"
          id="name"
          name="name"
          value={values.name}
          maxLength={81}
          aria-describedby="name-hint"
        />
        <p class="hint" id="name-hint">{wrong.name ?? words.nameHint}</p>
      </div>
      <div class="field">
        <label for="title">{words.heading}</label>
        <input class="input" id="title" name="title" value={values.title} maxLength={80} />
      </div>
      <div class="field">
        <label for="mode">{words.mode}</label>
        <select class="input" id="mode" name="mode">
          {Object.entries(words.modes).map(([mode, title]) => (
            <option key={mode} value={mode} selected={mode === values.mode}>{title}</option>
          ))}
        </select>
      </div>
      <button type="submit" class="btn go" name="act" value="look">{words.look}</button>
    </form>
  );
}
