/** Settings that operators stored, over the configuration: read at the start, kept in step, secrets sealed. */
import type { Vault } from "@/adapters/auth/vault.ts";
import type { By } from "@/core/audit.ts";
import { canBeHidden, type Config, Secret, type VariableName, VARIABLES } from "@/core/config.ts";
import { HIDDEN_MIN, holdsSecret } from "@/core/config_kinds.ts";
import type { Clock, Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import {
  CHANGEABLE,
  type Changeable,
  isChangeable,
  openConfig,
  readValue,
  type Setting,
  type Stored,
  textOf,
} from "@/core/settings.ts";
import { settings as words } from "@/core/words/admin_settings.ts";
import { writeAudit } from "@/db/audit.ts";
import type { Database } from "@/db/sqlite.ts";
import { dropStored, readStored, writeStored } from "@/db/system_config.ts";

export interface SettingParts {
  db: Pick<Database, "reader" | "writer">;
  vault: Vault;
  clock: Clock;
  log: Log;
  /** The log strikes out whatever is in here. */
  secrets: Secret[];
  /** As the environment said it, before paths were made whole. */
  given: Config;
}

export interface SettingHouse {
  config: Config;
  list(): Promise<Setting[]>;
  store(name: string, value: string | null, of: { rev: number; by: By }): Promise<Stored>;
  /** Looks now and then for what another process stored. */
  run(closing: AbortSignal): Promise<void>;
}

const EVERY_MS = 5000;
const keyOf = (name: VariableName) => `setting.${name}`;
const isSecret = (name: VariableName) => holdsSecret(VARIABLES[name].schema);

export async function openSettings(first: Config, parts: SettingParts): Promise<SettingHouse> {
  const { db, vault, clock, log, secrets, given } = parts;
  const { config, set } = openConfig(first);
  const revs = new Map<VariableName, number>();
  const load = async (name: Changeable) => {
    const stored = await readStored(db.reader, keyOf(name));
    if ((stored?.updatedAt ?? 0) === (revs.get(name) ?? 0)) return;
    revs.set(name, stored?.updatedAt ?? 0);
    const text = stored === null ? null : stored.isSecret ? vault.open(stored.value) : stored.value;
    const value = text === null ? null : readValue(name, text);
    if (stored !== null && !value?.ok) {
      log.error("a stored setting cannot be read and does not count", { name });
    }
    if (value?.ok && value.value instanceof Secret) secrets.push(value.value);
    set(name, value?.ok ? value.value as Config[Changeable] : undefined);
  };
  const loadAll = async () => {
    for (const name of CHANGEABLE) await load(name);
  };
  await loadAll();
  return {
    config,
    async list() {
      await loadAll();
      return (Object.keys(VARIABLES) as VariableName[]).map((name) =>
        settingOf(name, { config, given, revs })
      );
    },
    async store(name, value, { rev, by }) {
      if (!Object.hasOwn(VARIABLES, name)) return { end: "missing" };
      if (!isChangeable(name)) return { end: "fixed" };
      const read = value === null ? null : readValue(name, value);
      if (read && !read.ok) return { end: "wrong", message: read.problem[0]?.message ?? "" };
      if (read?.value instanceof Secret && !canBeHidden(read.value)) {
        return { end: "wrong", message: words.short(HIDDEN_MIN) };
      }
      const end = await write(db, { name, value, rev, vault, by, before: shownOf(config[name]) });
      if (end === "stored") await load(name);
      return { end };
    },
    async run(closing) {
      while (await clock.sleep(EVERY_MS, closing).then(() => true, () => false)) {
        await loadAll().catch((thrown) =>
          log.warn("settings were not read", { error: problemOf(thrown).message })
        );
      }
    },
  };
}

/** One transaction with its entry in the audit log, which tells of a secret only whether there is one. */
async function write(
  { writer }: Pick<Database, "writer">,
  { name, value, rev, vault, by, before }: {
    name: Changeable;
    value: string | null;
    rev: number;
    vault: Vault;
    by: By;
    before: string | null;
  },
): Promise<"stored" | "changed"> {
  return await writer.transaction().execute(async (tx) => {
    const stored = await readStored(tx, keyOf(name));
    if ((stored?.updatedAt ?? 0) !== rev) return "changed";
    const hidden = isSecret(name);
    if (value === null) {
      await dropStored(tx, keyOf(name));
    } else {
      await writeStored(tx, {
        key: keyOf(name),
        value: hidden ? vault.seal(value) : value,
        description: VARIABLES[name].about,
        isSecret: hidden,
      });
    }
    const after = value === null ? null : hidden ? "set anew" : value;
    await writeAudit(tx, {
      action: value === null ? "setting.drop" : "setting.store",
      subject: name,
      before: { value: before },
      after: { value: after },
    }, by);
    return "stored";
  });
}

/** Where they are not set, the studio makes them before anything else begins. */
const MADE: VariableName[] = ["SECRET_KEY", "SESSION_SECRET"];

function shownOf(value: Config[VariableName]): string | null {
  return value instanceof Secret ? "set" : textOf(value);
}

function settingOf(
  name: VariableName,
  { config, given, revs }: { config: Config; given: Config; revs: Map<VariableName, number> },
): Setting {
  const { group, about, fallback } = VARIABLES[name];
  const value = config[name];
  if (value === null && MADE.includes(name)) {
    const secret = { configured: true, hint: "" };
    return { name, group, about, value: null, secret, source: "made", changeable: false, rev: 0 };
  }
  const rev = revs.get(name) ?? 0;
  const usual = readValue(name, fallback);
  const isUsual = usual.ok && textOf(usual.value) === textOf(given[name]) && !(given[name] instanceof Secret);
  return {
    name,
    group,
    about,
    value: isSecret(name) || value instanceof Secret ? null : textOf(value),
    secret: isSecret(name) || value instanceof Secret
      ? { configured: value !== null, hint: value instanceof Secret ? value.hint() : "" }
      : null,
    source: rev > 0 ? "stored" : isUsual ? "default" : "environment",
    changeable: isChangeable(name),
    rev,
  };
}
