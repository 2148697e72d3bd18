/** Webhooks: what receivers are told, when a delivery is tried again, and when it is given up. */
import type { By } from "./audit.ts";
import type { Hash } from "./ports.ts";
import { fraction } from "./retry.ts";

export const WEBHOOK_EVENTS = [
  "job.started",
  "job.waiting",
  "job.completed",
  "job.failed",
  "job.cancelled",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
/** `ping` is sent when the person asks for it. */
export type DeliveryKind = WebhookEvent | "ping";

export const WEBHOOKS_MAX = 10;
export const SECRET_MARK = "whsec_";
/** For so long after a rotation deliveries carry the signature of the former secret too. */
export const OVERLAP_MS = 24 * 3_600_000;
/** A receiver that takes longer is cut off. */
export const ANSWER_LIMIT_MS = 15_000;

/** Why somebody other than its owner switched it off: its receiver said so, could not be reached for days, or an operator. */
export const WEBHOOK_ENDS = ["gone", "failing", "operator"] as const;
export type WebhookEnd = (typeof WEBHOOK_ENDS)[number];

export interface Webhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  enabled: boolean;
  ended: WebhookEnd | null;
  /** Since when nothing has been delivered; null while all is well. */
  failingSince: number | null;
  /** Until when the former secret still signs. */
  formerUntil: number | null;
  createdAt: number;
}

/** How a try ended: `answered` is an answer other than 2xx, `unsealed` a secret that this studio's key does not open. */
export const TRY_ENDS = [
  "delivered",
  "answered",
  "timeout",
  "unreachable",
  "not_public",
  "unsealed",
] as const;
export type TryEnd = (typeof TRY_ENDS)[number];

export interface Try {
  n: number;
  at: number;
  tookMs: number;
  status: number | null;
  end: TryEnd;
}

export interface Delivery {
  id: string;
  kind: DeliveryKind;
  jobId: string | null;
  state: "open" | "delivered" | "failed";
  createdAt: number;
  /** When it is tried next, while it is open. */
  nextAt: number | null;
  tries: Try[];
}

export interface Webhooks {
  /** Why an address cannot be a receiver; null where it can, as far as its text tells. */
  judge(url: string): "scheme" | "not_public" | "port" | null;
  /** False when the person has as many as one may have. */
  create(
    userId: string,
    webhook: Pick<Webhook, "id" | "url" | "events"> & { secret: string },
  ): Promise<boolean>;
  /** Oldest first. */
  list(userId: string): Promise<Webhook[]>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** One that is switched off forgets what waits; one that is switched on begins with what happens from then on. `held`: an operator switched it off. */
  change(
    userId: string,
    id: string,
    change: Partial<Pick<Webhook, "url" | "events" | "enabled">>,
  ): Promise<"changed" | "missing" | "held">;
  /** The former secret goes on signing for a while. */
  rotate(userId: string, id: string, secret: string): Promise<boolean>;
  remove(userId: string, id: string): Promise<boolean>;
  ping(userId: string, id: string): Promise<"sent" | "missing" | "disabled">;
  /** Newest first, those before that one. */
  deliveries(userId: string, id: string, page: { before: string | null; limit: number }): Promise<Delivery[]>;
  /** The same id and body once more; what is still being tried goes on as it is. */
  replay(userId: string, id: string, deliveryId: string): Promise<"sent" | "missing" | "disabled">;
  everybodys: EverybodysWebhooks;
}

/** As an operator sees it; `url` as it stands, to be shown by `coveredUrl` alone. */
export interface SomebodysWebhook extends Webhook {
  owner: { id: string; email: string };
  /** The newest try of all its deliveries; null before the first. */
  lastTry: { at: number; status: number | null; end: TryEnd } | null;
  /** Tries since the last that arrived. */
  failures: number;
  open: number;
  failed: number;
}

/** Webhooks of all people, for operators: each change stands in the audit log. */
export interface EverybodysWebhooks {
  /** Newest first, those before that one. */
  list(page: { before: string | null; limit: number }): Promise<SomebodysWebhook[]>;
  find(id: string): Promise<SomebodysWebhook | null>;
  /** Its owner cannot switch on what an operator switched off. */
  setEnabled(id: string, enabled: boolean, by: By): Promise<boolean>;
  remove(id: string, by: By): Promise<boolean>;
  deliveries(id: string, page: { before: string | null; limit: number }): Promise<Delivery[]>;
  replay(id: string, deliveryId: string, by: By): Promise<"sent" | "missing" | "disabled">;
}

const SHORT_MAX = 15;

/** An address without what may open anything: no query, and the long parts of its path cut. */
export function coveredUrl(url: string): string {
  if (!URL.canParse(url)) return "";
  const { origin, pathname, search } = new URL(url);
  const parts = pathname.split("/").map((part) => part.length > SHORT_MAX ? `${part.slice(0, 4)}…` : part);
  return `${origin}${parts.join("/")}${search === "" ? "" : "?…"}`;
}

/** A delivery as its runner needs it. */
export interface Parcel {
  id: string;
  url: string;
  body: string;
  /** Null where this studio's key does not open what is stored. */
  secrets: string[] | null;
  /** Of this round: a replay begins anew. */
  triesDone: number;
}

export interface Answer {
  end: TryEnd;
  status: number | null;
  retryAfterMs: number | null;
}

/** What becomes of a delivery after a try. `gone`: the receiver wants nothing any more. */
export type Fate = { state: "delivered" } | { state: "open"; nextInMs: number } | {
  state: "failed";
  gone: boolean;
};

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
/** Waits before each try. */
const WAITS_MS = [
  0,
  5 * S,
  5 * MIN,
  30 * MIN,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
export const TRIES_MAX = WAITS_MS.length;
const RETRY_AFTER_MAX_MS = 24 * HOUR;

/** `done` counts the tries of this round, the one that just ended included. Jitter of ±10 % comes from `key`. */
export function fateOf(answer: Answer, of: { done: number; key: string; hash: Hash }): Fate {
  if (answer.end === "delivered") return { state: "delivered" };
  if (answer.status === 410) return { state: "failed", gone: true };
  const wait = WAITS_MS[of.done];
  if (wait === undefined) return { state: "failed", gone: false };
  const jittered = wait * (0.9 + 0.2 * fraction(`${of.key}:${of.done}`, of.hash));
  const asked = [429, 503].includes(answer.status ?? 0) ? answer.retryAfterMs ?? 0 : 0;
  return { state: "open", nextInMs: Math.round(Math.max(jittered, Math.min(asked, RETRY_AFTER_MAX_MS))) };
}

/** What receivers are told of an event of a job; null for what concerns them not. */
export function webhookEventOf(kind: string, body: Record<string, unknown>): WebhookEvent | null {
  if (kind === "step.waits") return "job.waiting";
  if (kind !== "status") return null;
  switch (body.status) {
    case "executing":
      return "job.started";
    case "completed":
    case "failed":
    case "cancelled":
      return `job.${body.status}`;
    default:
      return null;
  }
}
