/** Outside services that keys are kept for: what each is called, and which variables make it configured. */
import type { Config, VariableName } from "./config.ts";

export const PROVIDERS = ["anthropic", "cometapi", "youtube"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** All of them have to be set. */
export const PROVIDER_KEYS = {
  anthropic: ["ANTHROPIC_API_KEY"],
  cometapi: ["COMETAPI_API_KEY"],
  youtube: ["YOUTUBE_CLIENT_ID", "YOUTUBE_CLIENT_SECRET"],
} as const satisfies Record<Provider, readonly VariableName[]>;

export function isProvider(name: string): name is Provider {
  return (PROVIDERS as readonly string[]).includes(name);
}

/** The values of its variables; null where one is missing. */
export function keysOf(config: Config, provider: Provider): unknown[] | null {
  const values = PROVIDER_KEYS[provider].map((name) => config[name]);
  return values.every((value) => value !== null && value !== "") ? values : null;
}

/** What a provider said to its key. */
export interface ProviderTrial {
  works: boolean;
  /** For operators; never the key. */
  note: string;
}
