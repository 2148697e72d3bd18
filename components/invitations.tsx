/** Invitations: the form that makes one, the link that is shown once, and the list. */
import type { NewInvitation, ShownInvitation } from "@/core/shown.ts";
import { day } from "@/core/words/format.ts";
import { people } from "@/core/words/people.ts";
import { Icon } from "./icon.tsx";
import * as icons from "./icons.ts";
import { Note } from "./note.tsx";
import { OnceLink } from "./once_link.tsx";
import { SelectField } from "./select_field.tsx";
import { TextField } from "./text_field.tsx";

/** As the form holds them. */
export interface InviteValues {
  note: string;
  role: string;
  days: string;
}

export interface InviteFormProps {
  made: NewInvitation | null;
  values: InviteValues;
  refused: { text: string; wrong: Record<string, string> };
  action: string;
}

const { invite, invitations: words } = people;

export function InviteForm({ made, values, refused, action }: InviteFormProps) {
  return (
    <section class="stack">
      <h2>{invite.title}</h2>
      <p class="second small">{invite.text}</p>
      {made && <OnceLink url={made.url} text={invite.made(day(Date.parse(made.expiresAt)))} />}
      {refused.text && <Note kind="bad">{refused.text}</Note>}
      <form method="post" action={action} class="pairs">
        <input type="hidden" name="do" value="invite" />
        <div class="wide">
          <TextField
            name="note"
            label={invite.note}
            value={values.note}
            autocomplete="off"
            hint={invite.noteHint}
            wrong={refused.wrong.note}
            first={refused.wrong.note !== undefined}
            maxLength={200}
          />
        </div>
        <SelectField
          name="role"
          label={invite.role}
          options={people.roles}
          value={values.role}
          wrong={refused.wrong.role}
        />
        <SelectField
          name="days"
          label={invite.days}
          options={invite.dayCounts}
          value={values.days}
          wrong={refused.wrong.days}
        />
        <div class="wide">
          <button class="btn" type="submit">
            <Icon of={icons.userPlus} />
            {invite.go}
          </button>
        </div>
      </form>
    </section>
  );
}

export function Invitations({ invitations, action }: { invitations: ShownInvitation[]; action: string }) {
  return (
    <section class="stack">
      <h2>{words.title}</h2>
      {invitations.length === 0 && <p class="second small">{words.none}</p>}
      <ul class="plain rows">
        {invitations.map((one) => (
          <li>
            <div>
              <p>
                {one.note || words.noNote}{" "}
                {one.role === "operator" && <span class="tag">{people.roles.operator}</span>}
              </p>
              <p class="small quiet">{stateOf(one)}</p>
            </div>
            {one.state !== "used" && <Revoke invitation={one} action={action} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function stateOf({ state, usedBy, expiresAt }: ShownInvitation): string {
  const end = day(Date.parse(expiresAt));
  if (state === "used") return usedBy === null ? words.used : words.usedBy(usedBy);
  return state === "open" ? words.until(end) : words.ranOut(end);
}

function Revoke({ invitation, action }: { invitation: ShownInvitation; action: string }) {
  const label = invitation.state === "open" ? words.revoke : words.remove;
  return (
    <form method="post" action={action}>
      <input type="hidden" name="id" value={invitation.id} />
      <button
        class="btn slim"
        type="submit"
        name="do"
        value="revoked"
        aria-label={words.of(label, invitation.note || words.noNote)}
      >
        {label}
      </button>
    </form>
  );
}
