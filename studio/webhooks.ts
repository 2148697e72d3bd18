/** Webhooks of the house: events become deliveries, deliveries become effects, and each try is signed, sent and written down. */
import { DELIVER, DELIVER_LANE, type DeliveryPorts, webhookEffects } from "@/actors/webhook/deliver.ts";
import type { EffectHandler } from "@/actors/runtime/handler.ts";
import type { Vault } from "@/adapters/auth/vault.ts";
import type { Outbound } from "@/adapters/outbound/post.ts";
import { signedHeaders } from "@/adapters/outbound/sign.ts";
import type { Clock, Hash, Ids, Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Webhooks } from "@/core/webhooks.ts";
import type { Database } from "@/db/sqlite.ts";
import { listEverybodysWebhooks } from "@/db/webhooks_everybody.ts";
import { dispatchEvents, type Looked, type ToldJob } from "@/db/webhook_outbox.ts";
import {
  changeWebhook,
  createWebhook,
  listDeliveries,
  listWebhooks,
  loadParcel,
  pingWebhook,
  recordTry,
  removeWebhook,
  replayDelivery,
  rotateWebhook,
} from "@/db/webhooks.ts";

export interface WebhookParts {
  db: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  hash: Hash;
  vault: Vault;
  outbound: Pick<Outbound, "judge" | "post">;
  /** Empty where the studio does not know under which address people reach it. */
  publicUrl: string;
}

export interface WebhookHouse {
  door: Webhooks;
  handlers: EffectHandler[];
  /** Something was committed: there may be events. */
  announce(): void;
  /** Runs until the studio closes; `work` is called when there is something to deliver. */
  run(closing: AbortSignal, work: () => void): Promise<void>;
}

/** A lost word costs so long at most. */
const LOOK_EVERY_MS = 5000;
const EFFECT = { kind: DELIVER, lane: DELIVER_LANE };

export function openWebhooks(parts: WebhookParts): WebhookHouse {
  const { db, ids, clock, log } = parts;
  const tools = {
    newId: () => ids.uuid7(),
    effect: EFFECT,
    tell: (job: ToldJob) => dataOf(job, parts.publicUrl),
  };
  const looked: Looked = { seq: 0 };
  let ring = () => {};
  let work = () => {};
  const dispatch = async () => {
    let made = 0;
    for (let more = true; more;) {
      const batch = await dispatchEvents(db, tools, looked);
      made += batch.made;
      more = batch.more;
    }
    if (made > 0) work();
  };
  return {
    door: openDoor(parts, () => work()),
    handlers: webhookEffects(deliveryPorts(parts)),
    announce: () => ring(),
    async run(closing, wakePool) {
      work = wakePool;
      while (!closing.aborted) {
        const rung = new Promise<void>((resolve) => ring = resolve);
        await dispatch().catch((thrown) =>
          log.warn("webhooks cannot be told", { error: problemOf(thrown).operator })
        );
        const late = new AbortController();
        const signal = AbortSignal.any([closing, late.signal]);
        await Promise.race([rung, clock.sleep(LOOK_EVERY_MS, signal).catch(() => {})]);
        late.abort();
      }
    },
  };
}

function deliveryPorts({ db, clock, hash, vault, outbound }: WebhookParts): DeliveryPorts {
  return {
    clock,
    hash,
    async load(id) {
      const stored = await loadParcel(db.writer, id);
      if (stored === null) return null;
      const opened = stored.secrets.map((sealed) => vault.open(sealed));
      const [newest] = opened;
      // A former secret that does not open is none; without the newest one nothing can be signed.
      const secrets = newest === null ? null : opened.filter((secret) => secret !== null);
      return { ...stored, secrets };
    },
    send: (parcel, signal) =>
      outbound.post(parcel.url, {
        headers: signedHeaders({ ...parcel, secrets: parcel.secrets ?? [], now: clock.now() }),
        body: parcel.body,
        signal,
      }),
    record: (id, ended, fate) => recordTry(db.writer, id, { ended, fate }),
  };
}

function openDoor(
  { db: { reader, writer }, ids, vault, outbound }: WebhookParts,
  work: () => void,
): Webhooks {
  const tools = { newId: () => ids.uuid7(), effect: EFFECT };
  const sent = <T>(result: T): T => {
    work();
    return result;
  };
  return {
    judge: (url) => outbound.judge(url),
    create: (userId, { secret, ...webhook }) =>
      createWebhook(writer, userId, { ...webhook, sealed: vault.seal(secret) }),
    list: (userId) => listWebhooks(reader, userId),
    find: async (userId, id) => (await listWebhooks(reader, userId, id))[0] ?? null,
    change: (userId, id, change) => changeWebhook(writer, { userId, id }, change),
    rotate: (userId, id, secret) => rotateWebhook(writer, { userId, id }, vault.seal(secret)),
    remove: (userId, id) => removeWebhook(writer, { userId, id }),
    ping: async (userId, id) => sent(await pingWebhook(writer, { userId, id }, tools)),
    deliveries: (userId, id, page) => listDeliveries(reader, { userId, id }, page),
    replay: async (userId, id, deliveryId) =>
      sent(await replayDelivery(writer, { userId, id }, { deliveryId, effect: EFFECT })),
    everybodys: {
      list: (page) => listEverybodysWebhooks(reader, page),
      find: async (id) => (await listEverybodysWebhooks(reader, { id }))[0] ?? null,
      setEnabled: async (id, enabled, by) =>
        await changeWebhook(writer, { by, id }, { enabled }) === "changed",
      remove: (id, by) => removeWebhook(writer, { by, id }),
      deliveries: (id, page) => listDeliveries(reader, { id }, page),
      replay: async (id, deliveryId, by) =>
        sent(await replayDelivery(writer, { by, id }, { deliveryId, effect: EFFECT })),
    },
  };
}

/** What a receiver is told of a job: where it stands, never what it was asked to show. */
function dataOf(job: ToldJob, publicUrl: string): Record<string, unknown> {
  const at = (path: string) => publicUrl === "" ? path : new URL(path, publicUrl).href;
  const { id, outputs, ...told } = job;
  return {
    jobId: id,
    ...told,
    url: at(`/jobs/${id}`),
    outputs: outputs.map((output) => ({
      ...output,
      downloadUrl: at(`/api/jobs/${id}/outputs/${output.id}/file?download=1`),
    })),
  };
}
