/** English: the configuration of the studio as operators see and change it. */
import type { Service, Source } from "../../settings.ts";

export const settings = {
  about:
    "What the studio goes by. What can be changed here holds at once and wins over the environment; the rest is read at the start: change it there and start the studio again.",
  source: {
    stored: "Stored here",
    environment: "From the environment",
    made: "Made at the first start, in keys.json of the data folder",
    default: "Default",
  } satisfies Record<Source, string>,
  groups: "Groups of settings",
  empty: "Nothing",
  configured: (hint: string) => hint ? `Configured, ends in …${hint}` : "Configured",
  notConfigured: "Not configured",
  restart: "Needs a restart",
  change: "Change",
  value: "New value",
  short: (least: number) => `must have at least ${least} characters, so that it can be kept out of the log`,
  secretHint: "It is sealed, and never shown again.",
  store: "Store",
  drop: "Back to what the start said",
  done: {
    stored: "Stored. It holds from now on.",
    dropped: "What the start said holds again.",
  } as Record<string, string>,
  test: {
    title: "Try what is outside",
    go: "Try",
    url: "Address of a receiver",
    urlHint: "A small message is posted there, under the same rules as those of webhooks.",
    services: {
      comfy: "Render servers",
      storage: "Files",
      media: "Media engine",
      outbound: "Webhooks' way out",
      anthropic: "Anthropic",
      cometapi: "CometAPI",
      youtube: "YouTube",
    } satisfies Record<Service, string>,
    works: "It works.",
    fails: "It does not work.",
  },
  noServer: "No server takes work: all of them are drained, or there is none.",
  server: (
    url: string,
    test: { reachable: boolean; version: string | null; problem: string | null } | null,
  ) =>
    `${url}: ${
      test?.reachable ? `answers, version ${test.version ?? "unknown"}` : test?.problem ?? "is gone"
    }`,
  outbound: {
    refused:
      "This address is none that webhooks may reach: https, public and at port 443, 80 or from 1024 on, or one of OUTBOUND_ALLOW.",
    said: (end: string, status: number | null) =>
      status === null ? `It ended as ${end}.` : `It answered ${status}.`,
  },
  late: "It did not answer in time.",
  provider: {
    unset: "No key is set.",
    untried: "not tried: Settings has a test",
    fine: "It accepts the key.",
    refused: (status: number) => `It refuses the key (${status}).`,
    strange: (status: number) => `It answered ${status}, which says nothing of the key.`,
    silent: (end: string) =>
      end === "not_public" ? "Its address is not one that may be called." : "It does not answer.",
    triedAt: (note: string, at: Date) =>
      `${note} Tried ${at.toISOString().slice(0, 16).replace("T", " ")} UTC.`,
  },
};
