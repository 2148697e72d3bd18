/** Days after which things of a project go, one field for each kind; what is left empty goes as everywhere. */
import { type KeepRules, KEPT_KINDS, type KeptKind, type OwnRules } from "@/core/kept_kinds.ts";
import { asSentence } from "@/core/words/format.ts";
import { keeping as words } from "@/core/words/keeping.ts";
import { TextField } from "./text_field.tsx";

export interface KeepFieldsProps {
  keep: OwnRules;
  usual: KeepRules;
  /** What was entered, where it was refused, and why. */
  entered?: Record<string, string>;
  wrong?: Partial<Record<string, string>>;
}

export function KeepFields({ keep, usual, entered, wrong = {} }: KeepFieldsProps) {
  const valueOf = (kind: KeptKind) => entered?.[`keep-${kind}`] ?? String(keep[kind] ?? "");
  return (
    <>
      <p class="small second">{words.project.hint}</p>
      {KEPT_KINDS.map((kind) => (
        <TextField
          key={kind}
          name={`keep-${kind}`}
          type="number"
          label={words.kinds[kind]}
          value={valueOf(kind)}
          hint={words.project.usual(usual[kind])}
          wrong={wrong[kind] && asSentence(wrong[kind])}
        />
      ))}
    </>
  );
}
