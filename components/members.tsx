/** The people of the studio in rows, with what an operator can do about each. */
import { OWN_LIMITS_MOST, type OwnLimits, WEIGHT_MIN } from "@/core/quota.ts";
import type { PasswordLink } from "@/core/shown.ts";
import type { ShownMember, ShownPeople } from "@/core/shown_admin.ts";
import { day, when } from "@/core/words/format.ts";
import { people } from "@/core/words/people.ts";
import { initialsOf } from "./header.tsx";
import { OnceLink } from "./once_link.tsx";

const { actions } = people;

export interface MembersProps {
  members: ShownMember[];
  /** The operator who looks: their own row has no buttons. */
  ownId: string;
  now: number;
  /** Address that the buttons post to. */
  action: string;
  usual: ShownPeople["usual"];
  /** A link for a new password, which is shown this once. */
  link: PasswordLink | null;
}

const LIMITS: (keyof OwnLimits)[] = ["jobsMax", "runningMax", "gpuMinutesMax", "diskGbMax", "weight"];

/** Open for who has limits, folded away for everybody else. */
function Limit({ member, usual, action }: Pick<MembersProps, "usual" | "action"> & { member: ShownMember }) {
  return (
    <details class="small" open={LIMITS.some((name) => member[name] !== null)}>
      <summary>{people.limit.title}</summary>
      <form method="post" action={action} class="pairs">
        <input type="hidden" name="id" value={member.id} />
        <input type="hidden" name="rev" value={member.rev} />
        {LIMITS.map((name) => (
          <div class="field" key={name}>
            <label for={`${name}-${member.id}`}>{people.limit.labels[name]}</label>
            <input
              class="input"
              id={`${name}-${member.id}`}
              name={name}
              type="number"
              min={name === "weight" ? WEIGHT_MIN : 0}
              max={OWN_LIMITS_MOST[name]}
              step={name === "jobsMax" || name === "runningMax" ? "1" : "any"}
              value={member[name] ?? ""}
              placeholder={name === "weight" ? people.limit.usual : people.limit.none}
              aria-describedby={name === "weight" ? undefined : `${name}-${member.id}-use`}
            />
            {name !== "weight" && (
              <p class="hint num" id={`${name}-${member.id}-use`}>
                {people.limit.used(usedOf(member, name), member[name] ?? usual[name], member[name] === null)}
              </p>
            )}
          </div>
        ))}
        <div class="wide">
          <button class="btn slim go" type="submit" name="do" value="limited">{people.limit.save}</button>
        </div>
      </form>
    </details>
  );
}

/** What a limit is of, as much as there is of it now. */
function usedOf(member: ShownMember, name: Exclude<keyof OwnLimits, "weight">): number {
  const { open, running, gpuMinutes, diskBytes } = member;
  return { jobsMax: open, runningMax: running, gpuMinutesMax: gpuMinutes, diskGbMax: diskBytes / 1e9 }[name];
}

export function Members({ members, ownId, now, action, usual, link }: MembersProps) {
  return (
    <ul class="plain rows">
      {members.map((member) => (
        <li class={member.disabledAt ? "closed" : undefined}>
          <span class="avatar" aria-hidden="true">{initialsOf(member.email)}</span>
          <div>
            <p>
              {member.email} {member.role === "operator" && <span class="tag">{people.roles.operator}</span>}
              {" "}
              {member.id === ownId && <span class="tag">{people.you}</span>}
            </p>
            <Facts member={member} now={now} />
            {member.id !== ownId && <Limit member={member} usual={usual} action={action} />}
            {link?.email === member.email && (
              <OnceLink
                url={link.url}
                text={people.passwordLink(link.email, day(Date.parse(link.expiresAt)))}
              />
            )}
          </div>
          {member.id !== ownId && <Buttons member={member} action={action} />}
          {member.disabledAt && member.open > 0 && <OpenFilms member={member} />}
        </li>
      ))}
    </ul>
  );
}

function Facts({ member, now }: { member: ShownMember; now: number }) {
  const { disabledAt, seenAt, createdAt, jobs } = member;
  return (
    <p class="small quiet num">
      {disabledAt && <span class="ended">{people.closedSince(day(Date.parse(disabledAt)))}</span>}
      <span>{people.films(jobs)}</span>
      <span>{seenAt ? people.seen(when(Date.parse(seenAt), now)) : people.neverSeen}</span>
      <span>{people.since(day(Date.parse(createdAt)))}</span>
    </p>
  );
}

function Buttons({ member, action }: { member: ShownMember; action: string }) {
  const role = member.role === "operator"
    ? { name: "creator", words: actions.toCreator }
    : { name: "operator", words: actions.toOperator };
  const door = member.disabledAt
    ? { name: "opened", words: actions.reopen }
    : { name: "closed", words: actions.close };
  return (
    <form method="post" action={action} class="acts">
      <input type="hidden" name="id" value={member.id} />
      {[role, door, ...(member.disabledAt ? [] : [{ name: "link", words: actions.link }])].map((
        { name, words },
      ) => (
        <button
          class="btn slim"
          type="submit"
          name="do"
          value={name}
          aria-label={actions.of(words, member.email)}
        >
          {words}
        </button>
      ))}
    </form>
  );
}

/** Of a closed account: what it still has waiting or under way can be paused or cancelled, after a question. */
function OpenFilms({ member: { email, open } }: { member: ShownMember }) {
  return (
    <form method="post" action={`/admin/queue?${new URLSearchParams({ owner: email })}`} class="acts">
      <input type="hidden" name="all" value="on" />
      {(["pause", "cancel"] as const).map((act) => (
        <button
          key={act}
          class="btn slim"
          type="submit"
          name="many"
          value={act}
          aria-label={actions.of(actions.films[act](open), email)}
        >
          {actions.films[act](open)}
        </button>
      ))}
    </form>
  );
}
