/** Name and description of a project, to make one or to change it. */
import type { ProblemAnswer } from "@/core/shown.ts";
import { asSentence } from "@/core/words/format.ts";
import { projects } from "@/core/words/projects.ts";

export interface ProjectFormProps {
  /** What the button says, and what it stands for. */
  act: "create" | "save";
  name: string;
  description: string;
  problem: ProblemAnswer | null;
}

export function ProjectForm({ act, name, description, problem }: ProjectFormProps) {
  const wrong = (field: string) => problem?.fields?.find(({ path }) => path === field)?.message;
  return (
    <form method="post" class="narrow">
      {problem !== null && !problem.fields?.length && <p class="note bad" role="alert">{problem.title}</p>}
      <div class="field">
        <label for="name">{projects.name}</label>
        <input
          class="input"
          id="name"
          name="name"
          value={name}
          maxLength={120}
          required
          autocomplete="off"
          placeholder={projects.nameHint}
          aria-invalid={wrong("name") !== undefined}
          aria-describedby={wrong("name") ? "name-wrong" : undefined}
        />
        <Wrong id="name-wrong" words={wrong("name")} />
      </div>
      <div class="field">
        <label for="description">{projects.about}</label>
        <textarea
          class="input"
          id="description"
          name="description"
          maxLength={4000}
          aria-invalid={wrong("description") !== undefined}
          aria-describedby={wrong("description") ? "description-wrong" : undefined}
        >
          {description}
        </textarea>
        <Wrong id="description-wrong" words={wrong("description")} />
      </div>
      <p>
        <button type="submit" class={act === "create" ? "btn go" : "btn"} name="do" value={act}>
          {projects[act]}
        </button>
      </p>
    </form>
  );
}

function Wrong({ id, words }: { id: string; words: string | undefined }) {
  return words === undefined ? null : <p class="wrong" id={id}>{asSentence(words)}</p>;
}
