/** The configuration by groups: each variable with its value, where it comes from, and a form where it can be changed. */
import { isProvider, PROVIDER_KEYS } from "@/core/providers.ts";
import { type Service, SERVICES, type ServiceTest, type Setting } from "@/core/settings.ts";
import { settings as words } from "@/core/words/admin_settings.ts";
import { Note } from "../note.tsx";
import { TextField } from "../text_field.tsx";

/** What was refused: the variable, why, and what was entered. */
export interface RefusedSetting {
  name: string;
  text: string;
  value: string;
}

export interface SettingGroupsProps {
  settings: Setting[];
  refused: RefusedSetting | null;
  action: string;
}

export function SettingGroups({ settings, refused, action }: SettingGroupsProps) {
  const groups = [...Map.groupBy(settings, ({ group }) => group)];
  return (
    <>
      {groups.map(([group, members]) => (
        <section key={group} aria-labelledby={anchorOf(group)}>
          <h2 id={anchorOf(group)} class="label">{group}</h2>
          <ul class="plain variables">
            {members.map((setting) => (
              <li key={setting.name} id={setting.name}>
                <div>
                  <h3 class="mono">{setting.name}</h3>
                  <p class="small second">{withCode(setting.about)}</p>
                </div>
                <div>
                  <p class="mono small">{valueOf(setting)}</p>
                  <p class="tiny quiet">
                    {words.source[setting.source]}
                    {!setting.changeable && ` · ${words.restart}`}
                  </p>
                  {setting.changeable && (
                    <ChangeForm
                      setting={setting}
                      refused={refused?.name === setting.name ? refused : null}
                      action={action}
                    />
                  )}
                </div>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** The way to each group: the page is long. */
export function GroupLinks({ settings }: { settings: Setting[] }) {
  const groups = new Set(settings.map(({ group }) => group));
  return (
    <nav class="row small" aria-label={words.groups}>
      {[...groups].map((group) => <a key={group} href={`#${anchorOf(group)}`}>{group}</a>)}
    </nav>
  );
}

/** Variables are named in capitals, so no group has an id of one of them. */
const anchorOf = (group: string) => `group-${group.toLowerCase()}`;

/** What stands between backticks is to be typed as it is. */
function withCode(text: string) {
  return text.split("`").map((part, at) => at % 2 === 1 ? <code key={at} class="mono">{part}</code> : part);
}

function valueOf({ value, secret }: Setting): string {
  if (secret) return secret.configured ? words.configured(secret.hint) : words.notConfigured;
  return value || words.empty;
}

interface ChangeFormProps {
  setting: Setting;
  refused: RefusedSetting | null;
  action: string;
}

function ChangeForm({ setting: { name, value, secret, source, rev }, refused, action }: ChangeFormProps) {
  return (
    <details open={refused !== null}>
      <summary class="small">
        {words.change} <span class="unseen">{name}</span>
      </summary>
      <form method="post" action={action} class="stack">
        <input type="hidden" name="name" value={name} />
        <input type="hidden" name="rev" value={rev} />
        <TextField
          name={`value-${name}`}
          label={words.value}
          type={secret ? "password" : "text"}
          value={secret ? "" : refused?.value ?? value ?? ""}
          hint={secret ? words.secretHint : undefined}
          wrong={refused?.text}
          first={refused !== null}
          autocomplete="off"
        />
        <div class="row">
          <button class="btn slim" type="submit" name="do" value="stored">{words.store}</button>
          {source === "stored" && (
            <button class="btn slim" type="submit" name="do" value="dropped">{words.drop}</button>
          )}
        </div>
      </form>
    </details>
  );
}

export interface TriedService extends ServiceTest {
  service: string;
  url: string;
}

/** A provider without a key has nothing to try. */
function isTriable(service: Service, settings: Setting[]): boolean {
  if (!isProvider(service)) return service !== "outbound";
  const names: readonly string[] = PROVIDER_KEYS[service];
  const of = settings.filter(({ name }) => names.includes(name));
  return of.length > 0 && of.every(({ value, secret }) => secret ? secret.configured : value !== "");
}

export interface ServicesProps {
  settings: Setting[];
  tried: TriedService | null;
  action: string;
}

export function Services({ settings, tried, action }: ServicesProps) {
  return (
    <section class="stack" aria-labelledby="services">
      <h2 id="services" class="label">{words.test.title}</h2>
      {tried && (
        <Note kind={tried.works ? "good" : "bad"}>
          <p>{tried.works ? words.test.works : words.test.fails}</p>
          {tried.notes.map((note) => <p key={note} class="small">{note}</p>)}
        </Note>
      )}
      <div class="row">
        {SERVICES.filter((service) => isTriable(service, settings)).map((service) => (
          <form key={service} method="post" action={action}>
            <input type="hidden" name="service" value={service} />
            <button class="btn slim" type="submit" name="do" value="try">
              {words.test.services[service]}
            </button>
          </form>
        ))}
      </div>
      <form method="post" action={action} class="stack narrow">
        <input type="hidden" name="service" value="outbound" />
        <TextField
          name="url"
          label={words.test.url}
          value={tried?.url ?? ""}
          hint={words.test.urlHint}
          autocomplete="off"
        />
        <div>
          <button class="btn slim" type="submit" name="do" value="try">{words.test.services.outbound}</button>
        </div>
      </form>
    </section>
  );
}
