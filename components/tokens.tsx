/** API tokens: the form that makes one, the token that is shown once, and the list. */
import type { NewApiToken, ShownApiToken } from "@/core/shown_tokens.ts";
import { day, when } from "@/core/words/format.ts";
import { tokens as words } from "@/core/words/tokens.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";
import { Note } from "./note.tsx";
import { OnceLink } from "./once_link.tsx";
import { SelectField } from "./select_field.tsx";
import { TextField } from "./text_field.tsx";

/** As the form holds them. */
export interface TokenValues {
  name: string;
  scope: string;
  days: string;
}

export interface TokenFormProps {
  made: NewApiToken | null;
  values: TokenValues;
  refused: { text: string; wrong: Record<string, string> };
  isOperator: boolean;
  action: string;
}

const { make } = words;

export function TokenForm({ made, values, refused, isOperator, action }: TokenFormProps) {
  const { admin, ...own } = make.scopes;
  return (
    <section>
      <h2>{make.title}</h2>
      {made && (
        <OnceLink url={made.token} text={make.made(day(Date.parse(made.expiresAt)))} label={make.label} />
      )}
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action={action} class="pairs">
        <div class="wide">
          <TextField
            name="name"
            label={make.name}
            value={values.name}
            autocomplete="off"
            hint={make.nameHint}
            wrong={refused.wrong.name}
            first={refused.wrong.name !== undefined}
            maxLength={100}
            required
          />
        </div>
        <SelectField
          name="scope"
          label={make.scope}
          options={isOperator ? { ...own, admin } : own}
          value={values.scope}
          wrong={refused.wrong.scope}
        />
        <SelectField
          name="days"
          label={make.days}
          options={make.dayCounts}
          value={values.days}
          wrong={refused.wrong.days}
        />
        <div class="wide">
          <button class="btn" type="submit">
            <Icon of={icons.key} />
            {make.go}
          </button>
        </div>
      </form>
    </section>
  );
}

export function TokenList({ tokens, action, now }: { tokens: ShownApiToken[]; action: string; now: number }) {
  if (tokens.length === 0) return <p class="second small">{words.none}</p>;
  return (
    <ul class="plain rows">
      {tokens.map((token) => {
        const label = token.state === "open" ? words.revoke : words.remove;
        return (
          <li key={token.id}>
            <div>
              <p>
                {token.name} <span class="tag">{words.scopes[token.scope]}</span>
              </p>
              <p class="small quiet">
                <span>{words.ends(token.hint)}</span>
                <span>{endOf(token)}</span>
                <span>
                  {token.usedAt ? words.used(when(Date.parse(token.usedAt), now)) : words.neverUsed}
                </span>
              </p>
            </div>
            <form method="post" action={action}>
              <input type="hidden" name="id" value={token.id} />
              <button class="btn slim" type="submit" aria-label={words.of(label, token.name)}>{label}</button>
            </form>
          </li>
        );
      })}
    </ul>
  );
}

function endOf({ state, expiresAt }: ShownApiToken): string {
  const end = day(Date.parse(expiresAt));
  return state === "open" ? words.until(end) : words.ranOut(end);
}
