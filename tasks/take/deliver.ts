/** After the takes: films go to the bucket, those that arrived may go from here, and the rented machine is stopped. */
import { z } from "zod";
import { endPod } from "@/adapters/delivery/runpod.ts";
import { type Bucket, type Delivered, openBucket } from "@/adapters/storage/bucket.ts";
import type { Config } from "@/core/config.ts";
import { problemOf } from "@/core/problem.ts";
import { bucketOf } from "@/studio/storage.ts";
import type { TakeClient } from "./client.ts";
import type { TakeOptions } from "./options.ts";
import type { Ended } from "./run.ts";

export interface Delivery {
  config: Config;
  options: TakeOptions;
  client: Pick<TakeClient, "trash">;
  say(text: string): void;
  now: Date;
}

/** What was sent, kept beside the film. */
const Receipt = z.looseObject({ url: z.string(), bytes: z.int(), sha256: z.string() });

/** `harbour_walk_20250502_193931.mp4`. */
export function deliveredName(video: string, now: Date): string {
  const [day, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  return `${video}_${day}_${time}.mp4`;
}

/** A film that could not be sent stays here and is told as such. */
export async function deliverAll(ended: Ended[], of: Delivery): Promise<void> {
  const { config, options, say } = of;
  const store = options.upload ? openBucket(bucketOf(config, "UPLOAD")) : null;
  if (options.removeLocal && store === null) say("Nothing is uploaded, so every film stays here.\n");
  for (const one of ended) {
    if (store !== null && one.status === "completed" && one.film !== "") await deliver(one, store, of);
  }
  if (options.pod === null) return;
  if (ended.some(({ status }) => status === "stopped")) {
    return say("The machine stays on: not every take has ended.\n");
  }
  try {
    const pod = await endPod(config, options.pod);
    const done = options.pod === "stop" ? "is stopped" : "is terminated";
    say(
      pod
        ? `Pod ${pod.id} ${done}.\n`
        : "RUNPOD_POD_ID or RUNPOD_API_KEY is missing: no machine is stopped.\n",
    );
  } catch (thrown) {
    say(`${sentenceOf(thrown)}\n`);
  }
}

async function deliver(one: Ended, store: Bucket, of: Delivery): Promise<void> {
  const { options, client, say, now } = of;
  const path = one.film;
  const receipt = path.replace(/\.mp4$/, ".upload.json");
  try {
    const sent = await wasSent(path, receipt) ??
      await store.put(path, deliveredName(one.name, now), { mime: "video/mp4" });
    await Deno.writeTextFile(receipt, `${JSON.stringify(sent, null, 2)}\n`);
    say(`${one.name}: uploaded and verified, ${sent.url}\n`);
    one.film = sent.url;
    if (!options.removeLocal) return;
    await Deno.remove(path);
    await client.trash(one.id);
  } catch (thrown) {
    one.status = "not uploaded";
    say(`${one.name}: ${sentenceOf(thrown)}\n`);
  }
}

/** The receipt of this very film, where it was sent before. */
async function wasSent(path: string, receipt: string): Promise<Delivered | null> {
  const text = await Deno.readTextFile(receipt).catch(() => null);
  const known = text === null ? null : Receipt.safeParse(JSON.parse(text)).data ?? null;
  if (known === null) return null;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
  return hash === known.sha256 ? known : null;
}

function sentenceOf(thrown: unknown): string {
  const { message, operator } = problemOf(thrown);
  return operator ? `${message} (${operator})` : message;
}
