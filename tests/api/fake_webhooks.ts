/** The webhooks of the studio in memory: what is sent counts as open until a test says what became of it. */
import { openOutbound } from "@/adapters/outbound/post.ts";
import {
  coveredUrl,
  type Delivery,
  type EverybodysWebhooks,
  OVERLAP_MS,
  type Webhook,
  type Webhooks,
  WEBHOOKS_MAX,
} from "@/core/webhooks.ts";
import { noteIn } from "./fake_audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

export type KeptWebhook = Webhook & { userId: string; secret: string; deliveries: Delivery[] };

export function fakeWebhooks(kept: FakeStudio["kept"], clock: FakeClock): Webhooks {
  const find = (userId: string, id: string) =>
    kept.webhooks.find((one) => one.userId === userId && one.id === id);
  const shown = ({ userId: _, secret: __, deliveries: ___, ...webhook }: KeptWebhook): Webhook => webhook;
  const newId = (n: number) => `019b0000-0000-7000-8000-${String(n).padStart(12, "0")}`;
  return {
    judge: openOutbound({ allow: ["hooks.lan"] }).judge,
    create(userId, { id, url, events, secret }) {
      if (kept.webhooks.filter((one) => one.userId === userId).length >= WEBHOOKS_MAX) {
        return Promise.resolve(false);
      }
      const state = { enabled: true, ended: null, failingSince: null, formerUntil: null, deliveries: [] };
      kept.webhooks.push({ id, url, events, secret, userId, createdAt: clock.now(), ...state });
      return Promise.resolve(true);
    },
    list: (userId) => Promise.resolve(kept.webhooks.filter((one) => one.userId === userId).map(shown)),
    find(userId, id) {
      const found = find(userId, id);
      return Promise.resolve(found ? shown(found) : null);
    },
    change(userId, id, change) {
      const found = find(userId, id);
      if (!found) return Promise.resolve("missing");
      if (found.ended === "operator" && change.enabled) return Promise.resolve("held");
      Object.assign(found, change);
      return Promise.resolve("changed");
    },
    rotate(userId, id, secret) {
      const found = find(userId, id);
      if (found) Object.assign(found, { secret, formerUntil: clock.now() + OVERLAP_MS });
      return Promise.resolve(found !== undefined);
    },
    remove(userId, id) {
      const found = find(userId, id);
      if (found) kept.webhooks.splice(kept.webhooks.indexOf(found), 1);
      return Promise.resolve(found !== undefined);
    },
    ping(userId, id) {
      const found = find(userId, id);
      if (!found) return Promise.resolve("missing");
      if (!found.enabled) return Promise.resolve("disabled");
      const at = { createdAt: clock.now(), nextAt: clock.now() };
      const one = { id: newId(found.deliveries.length), kind: "ping" as const, state: "open" as const };
      found.deliveries.unshift({ ...one, jobId: null, tries: [], ...at });
      return Promise.resolve("sent");
    },
    deliveries: (userId, id, { before, limit }) =>
      Promise.resolve(
        (find(userId, id)?.deliveries ?? []).filter((one) => before === null || one.id < before)
          .slice(0, limit),
      ),
    replay(userId, id, deliveryId) {
      const found = find(userId, id);
      const one = found?.deliveries.find((delivery) => delivery.id === deliveryId);
      if (!found || !one) return Promise.resolve("missing");
      if (!found.enabled) return Promise.resolve("disabled");
      Object.assign(one, { state: "open", nextAt: clock.now() });
      return Promise.resolve("sent");
    },
    everybodys: fakeEverybodys(kept, clock),
  };
}

function fakeEverybodys(kept: FakeStudio["kept"], clock: FakeClock): EverybodysWebhooks {
  const find = (id: string) => kept.webhooks.find((one) => one.id === id);
  const shown = ({ userId, secret: _, deliveries, ...webhook }: KeptWebhook) => ({
    ...webhook,
    owner: { id: userId, email: kept.accounts.find(({ id }) => id === userId)?.email ?? "" },
    lastTry: null,
    failures: 0,
    open: deliveries.filter(({ state }) => state === "open").length,
    failed: deliveries.filter(({ state }) => state === "failed").length,
  });
  const note = (
    act: "on" | "off" | "remove" | "replay",
    { id, url }: KeptWebhook,
    by: Parameters<EverybodysWebhooks["remove"]>[1],
  ) =>
    noteIn(kept, clock, {
      action: `webhook.${act}`,
      subject: id,
      before: { url: coveredUrl(url) },
      after: null,
    }, by);
  return {
    list: ({ before, limit }) =>
      Promise.resolve(
        kept.webhooks.filter(({ id }) => before === null || id < before)
          .toSorted((a, b) => a.id < b.id ? 1 : -1).slice(0, limit).map(shown),
      ),
    find(id) {
      const found = find(id);
      return Promise.resolve(found ? shown(found) : null);
    },
    setEnabled(id, enabled, by) {
      const found = find(id);
      if (found) Object.assign(found, { enabled, ended: enabled ? null : "operator" });
      if (found) note(enabled ? "on" : "off", found, by);
      return Promise.resolve(found !== undefined);
    },
    remove(id, by) {
      const found = find(id);
      if (found) kept.webhooks.splice(kept.webhooks.indexOf(found), 1);
      if (found) note("remove", found, by);
      return Promise.resolve(found !== undefined);
    },
    deliveries: (id, { before, limit }) =>
      Promise.resolve(
        (find(id)?.deliveries ?? []).filter((one) => before === null || one.id < before).slice(0, limit),
      ),
    replay(id, deliveryId, by) {
      const found = find(id);
      const one = found?.deliveries.find((delivery) => delivery.id === deliveryId);
      if (!found || !one) return Promise.resolve("missing");
      if (!found.enabled) return Promise.resolve("disabled");
      Object.assign(one, { state: "open", nextAt: clock.now() });
      note("replay", found, by);
      return Promise.resolve("sent");
    },
  };
}
