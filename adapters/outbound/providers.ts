/** One honest question for each provider: the cheapest call that succeeds only with the right key, and costs nothing. */
import type { Config, Secret } from "@/core/config.ts";
import type { Provider, ProviderTrial } from "@/core/providers.ts";
import { settings } from "@/core/words/admin_settings.ts";
import type { Outbound, Said } from "./post.ts";

/** Of the messages API; answers of other versions differ in what is not read here. */
const ANTHROPIC_VERSION = "2026-10-21";

export interface ProviderParts {
  outbound: Outbound;
  config: Pick<
    Config,
    | "ANTHROPIC_API_KEY"
    | "ANTHROPIC_URL"
    | "COMETAPI_API_KEY"
    | "COMETAPI_URL"
    | "YOUTUBE_CLIENT_ID"
    | "YOUTUBE_CLIENT_SECRET"
    | "YOUTUBE_TOKEN_URL"
  >;
}

/** Call it only where the provider is configured. */
export async function tryProvider(
  provider: Provider,
  { outbound, config }: ProviderParts,
  signal: AbortSignal,
): Promise<ProviderTrial> {
  const said = await ASK[provider](outbound, config, signal);
  return judge(said, JUDGE[provider]);
}

type Asking = (outbound: Outbound, config: ProviderParts["config"], signal: AbortSignal) => Promise<Said>;

const reveal = (secret: Secret | null) => secret?.reveal() ?? "";
const below = (base: string, path: string) => `${base.replace(/\/+$/, "")}${path}`;

const ASK: Record<Provider, Asking> = {
  anthropic: (outbound, { ANTHROPIC_URL, ANTHROPIC_API_KEY }, signal) =>
    outbound.ask(below(ANTHROPIC_URL, "/v1/models?limit=1"), {
      method: "GET",
      headers: { "x-api-key": reveal(ANTHROPIC_API_KEY), "anthropic-version": ANTHROPIC_VERSION },
      signal,
    }),
  cometapi: (outbound, { COMETAPI_URL, COMETAPI_API_KEY }, signal) =>
    outbound.ask(below(COMETAPI_URL, "/v1/models"), {
      method: "GET",
      headers: { authorization: `Bearer ${reveal(COMETAPI_API_KEY)}` },
      signal,
    }),
  /** A client is known by its id and secret alone; the grant that goes along is none, and is refused as such. */
  youtube: (outbound, { YOUTUBE_TOKEN_URL, YOUTUBE_CLIENT_ID, YOUTUBE_CLIENT_SECRET }, signal) =>
    outbound.ask(YOUTUBE_TOKEN_URL, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: "none",
        client_id: YOUTUBE_CLIENT_ID,
        client_secret: reveal(YOUTUBE_CLIENT_SECRET),
      }).toString(),
      signal,
    }),
};

/** Whether an answer can only have come to the right key. */
const isList = ({ status, text }: Said) => status === 200 && /"data"\s*:\s*\[/.test(text);
const JUDGE: Record<Provider, (said: Said) => boolean> = {
  anthropic: isList,
  cometapi: isList,
  youtube: ({ status, text }) => status === 400 && text.includes("invalid_grant"),
};

function judge(said: Said, isRight: (said: Said) => boolean): ProviderTrial {
  const { provider: words } = settings;
  const { end, status } = said;
  if (status === null) return { works: false, note: words.silent(end) };
  if (isRight(said)) return { works: true, note: words.fine };
  return {
    works: false,
    note: status === 401 || status === 403 ? words.refused(status) : words.strange(status),
  };
}
