/** What the API shows of webhooks and their deliveries, as pages read it. Times are ISO 8601, UTC. */
import type { DeliveryKind, TryEnd, WebhookEnd, WebhookEvent } from "./webhooks.ts";

export interface ShownWebhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  enabled: boolean;
  ended: WebhookEnd | null;
  failingSince: string | null;
  formerUntil: string | null;
  createdAt: string;
}

/** With its secret, in the one answer that shows it. */
export interface NewWebhook extends ShownWebhook {
  secret: string;
}

export interface ShownDelivery {
  id: string;
  kind: DeliveryKind;
  jobId: string | null;
  state: "open" | "delivered" | "failed";
  createdAt: string;
  nextAt: string | null;
  tries: { n: number; at: string; tookMs: number; status: number | null; end: TryEnd }[];
}

export interface ShownDeliveries {
  items: ShownDelivery[];
  next: string | null;
}

/** For operators: whose it is and how it does. The address is covered: no query, no long parts. */
export interface ShownSomebodysWebhook extends Omit<ShownWebhook, "formerUntil"> {
  owner: { id: string; email: string };
  lastTry: { at: string; status: number | null; end: TryEnd } | null;
  failures: number;
  open: number;
  failed: number;
}
