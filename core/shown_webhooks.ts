/** What the API shows of webhooks and their deliveries, as pages read it. Times are ISO 8601, UTC. */
import type { DeliveryKind, TryEnd, WebhookEvent } from "./webhooks.ts";

export interface ShownWebhook {
  id: string;
  url: string;
  events: WebhookEvent[];
  enabled: boolean;
  ended: "gone" | "failing" | null;
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
