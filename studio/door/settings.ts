/** Settings as operators see, store and try them. */
import type { Outbound } from "@/adapters/outbound/post.ts";
import { isProvider, type Provider } from "@/core/providers.ts";
import type { Service, ServiceTest, Settings } from "@/core/settings.ts";
import type { Servers } from "@/core/servers.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import type { Studio } from "@/core/studio.ts";
import { settings as words } from "@/core/words/admin_settings.ts";
import type { ProviderHouse } from "../providers.ts";
import type { SettingHouse } from "../settings.ts";

export interface SettingsParts {
  house: SettingHouse;
  store: Pick<Store, "backends">;
  servers: Pick<Servers, "test">;
  health: Studio["health"];
  outbound: Outbound;
  providers: ProviderHouse;
}

export function openSettingsDoor(parts: SettingsParts): Settings {
  const { house, store, servers, health, outbound, providers } = parts;
  const part = async (name: "storage" | "media", signal: AbortSignal): Promise<ServiceTest> => {
    const { state, note } = await health[name]?.(signal) ?? { state: "down" };
    return { works: state === "ok", notes: note === undefined ? [] : [note] };
  };
  const tests: Record<
    Exclude<Service, Provider>,
    (of: { url?: string; signal: AbortSignal }) => Promise<ServiceTest>
  > = {
    async comfy({ signal }) {
      const rows = inService(await store.backends());
      const said = await Promise.all(
        rows.map(async ({ id, url }) => ({ url, test: await servers.test({ id }, signal) })),
      );
      return {
        works: said.length > 0 && said.every(({ test }) => test?.reachable === true),
        notes: said.length === 0 ? [words.noServer] : said.map(({ url, test }) => words.server(url, test)),
      };
    },
    storage: ({ signal }) => part("storage", signal),
    media: ({ signal }) => part("media", signal),
    async outbound({ url = "", signal }) {
      if (outbound.judge(url) !== null) return { works: false, notes: [words.outbound.refused] };
      const body = JSON.stringify({ type: "studio.test" });
      const headers = { "content-type": "application/json" };
      const answer = await outbound.post(url, { headers, body, signal });
      return { works: answer.end === "delivered", notes: [words.outbound.said(answer.end, answer.status)] };
    },
  };
  return {
    list: house.list,
    store: house.store,
    async test(service, of) {
      try {
        if (!isProvider(service)) return await tests[service](of);
        const { works, note } = await providers.test(service, of.signal);
        return { works, notes: [note] };
      } catch (thrown) {
        const text = thrown instanceof Error ? thrown.message : String(thrown);
        return { works: false, notes: [of.signal.aborted ? words.late : text] };
      }
    },
  };
}

/** The servers that films may go to: those that were taken out are none, and the draft renderer is one if it is alone. */
function inService(rows: BackendRow[]): BackendRow[] {
  const open = rows.filter(({ status, origin }) => status !== "drain" && origin !== "former");
  const real = open.filter(({ engine }) => engine !== "draft");
  return real.length > 0 ? real : open;
}
