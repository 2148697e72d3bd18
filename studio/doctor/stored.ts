/** What operators stored, as the doctor needs it: settings over the environment, servers of the pool, maintenance. Read only. */
import { makeVault, type Vault } from "@/adapters/auth/vault.ts";
import type { Config } from "@/core/config.ts";
import type { Finding } from "@/core/finding.ts";
import { MAINTENANCE_KEY, StoredMaintenance } from "@/core/maintenance.ts";
import type { Clock, Log } from "@/core/ports.ts";
import type { BackendRow } from "@/core/store.ts";
import { decode } from "@/db/codec.ts";
import { openReader } from "@/db/sqlite.ts";
import { readBackends } from "@/db/store/slot_rows.ts";
import { readStored } from "@/db/system_config.ts";
import { loadKeys } from "../keys.ts";
import { placesOf, withFullPaths } from "../places.ts";
import { openSettings } from "../settings.ts";

export interface State {
  /** As it counts. */
  config: Config;
  servers: BackendRow[];
  /** Opens headers of servers; null where there are no keys. */
  vault: Vault | null;
  findings: Finding[];
}

/** A studio that never started, or whose database is of no use, has stored nothing: what is wrong is told elsewhere. */
export async function readState(config: Config, { clock, log }: { clock: Clock; log: Log }): Promise<State> {
  const nothing = { config, servers: [], vault: null, findings: [] };
  const url = config.DATABASE_URL;
  if (url !== "" && !url.startsWith("sqlite:")) return nothing;
  const { database } = placesOf(withFullPaths(config));
  if (await Deno.stat(database).then(() => false, () => true)) return nothing;
  const keys = await loadKeys(withFullPaths(config), () => {
    throw new Deno.errors.NotFound();
  }).catch(() => null);
  try {
    const reader = openReader(database);
    try {
      const servers = await readBackends(reader);
      const standing = await readStored(reader, MAINTENANCE_KEY);
      const found = standing === null ? [] : [maintenanceOf(standing.value)];
      if (keys === null) return { ...nothing, servers, findings: found };
      const unread: string[] = [];
      const noting = {
        ...log,
        error: (_: string, fields?: Record<string, unknown>) => void unread.push(`${fields?.name}`),
      };
      const vault = makeVault(keys.secretKey, "settings");
      const db = { reader, writer: reader };
      const settings = await openSettings(config, {
        db,
        vault,
        clock,
        log: noting,
        secrets: [],
        given: config,
      });
      return {
        config: { ...settings.config },
        servers,
        vault: makeVault(keys.secretKey, "servers"),
        findings: [...found, ...unread.map(unreadable)],
      };
    } finally {
      await reader.destroy();
    }
  } catch {
    return nothing;
  }
}

function maintenanceOf(value: string): Finding {
  const { note, since } = StoredMaintenance.parse(decode(value));
  return {
    part: "maintenance",
    state: "note",
    text: `nothing new starts since ${new Date(since).toISOString()}. ${note}`.trim(),
    remedy: "An operator opens the studio again at /admin.",
  };
}

function unreadable(name: string): Finding {
  return {
    part: "settings",
    state: "bad",
    text: `${name} is stored and cannot be read, so it does not count`,
    remedy: "Store it anew at /admin/settings; a secret was sealed with another SECRET_KEY.",
  };
}
