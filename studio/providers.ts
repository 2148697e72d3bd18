/** Outside services with keys: how each stands, which is not known before somebody tried its key. */
import type { Outbound } from "@/adapters/outbound/post.ts";
import { tryProvider } from "@/adapters/outbound/providers.ts";
import type { Config } from "@/core/config.ts";
import type { Clock } from "@/core/ports.ts";
import { keysOf, type Provider, PROVIDERS, type ProviderTrial } from "@/core/providers.ts";
import type { HealthNote, Studio } from "@/core/studio.ts";
import { settings } from "@/core/words/admin_settings.ts";

export interface ProviderHouse {
  /** Asks nobody: what the last try of the present keys ended with. */
  health: Studio["health"];
  test(provider: Provider, signal: AbortSignal): Promise<ProviderTrial>;
}

interface Tried extends ProviderTrial {
  /** The keys that were tried: others are not known to work. */
  keys: unknown[];
  at: number;
}

export function openProviders(
  { config, outbound, clock }: { config: Config; outbound: Outbound; clock: Clock },
): ProviderHouse {
  const { provider: words } = settings;
  const known = new Map<Provider, Tried>();
  const stand = (provider: Provider): HealthNote => {
    const keys = keysOf(config, provider);
    if (keys === null) return { state: "not_configured" };
    const tried = known.get(provider);
    if (!tried?.keys.every((key, at) => key === keys[at])) return { state: "not_tried", note: words.untried };
    return { state: tried.works ? "ok" : "down", note: words.triedAt(tried.note, new Date(tried.at)) };
  };
  return {
    health: Object.fromEntries(
      PROVIDERS.map((provider) => [provider, () => Promise.resolve(stand(provider))]),
    ),
    async test(provider, signal) {
      const keys = keysOf(config, provider);
      if (keys === null) return { works: false, note: words.unset };
      const trial = await tryProvider(provider, { outbound, config }, signal);
      known.set(provider, { ...trial, keys, at: clock.now() });
      return trial;
    },
  };
}
